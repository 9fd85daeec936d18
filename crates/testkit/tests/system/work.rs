//! Steps that several tests take.

use bailiwick_api::{CustomerRef, Investigation, Page, Skipped};
use bailiwick_testkit::{Person, Registered, events, eventually};
use std::time::Duration;

/// How long events may take to become an investigation on the page.
pub(crate) const SOON: Duration = Duration::from_secs(15);

/// Sprays a customer from so many addresses, which opens as many investigations, and waits for them.
pub(crate) async fn spray(customer: &Registered, net: u8, count: u8) {
    for n in 1..=count {
        customer.send(&events::spray(&format!("dc{n:02}.corp.example"), &format!("203.0.{net}.{n}"))).await.unwrap();
    }
    let opened = async || customer.investigations().await.unwrap().len() == usize::from(count);
    eventually(SOON, &format!("{count} investigations at {}", customer.customer.name), opened).await;
}

/// The page as a person sees it.
pub(crate) async fn page(person: &Person, query: &str) -> Page<Investigation> {
    person.client.investigations(query).await.unwrap()
}

/// How many rows of a page are this customer's.
pub(crate) fn rows_of(page: &Page<Investigation>, customer: &Registered) -> usize {
    page.data.iter().filter(|row| row.customer.id == customer.customer.id).count()
}

/// A customer as scopes name it.
pub(crate) fn named(customer: &Registered) -> CustomerRef {
    let customer = &customer.customer;
    CustomerRef { id: customer.id.clone(), name: customer.name.clone(), region: customer.region.clone() }
}

/// Why a customer was left out, where it was.
pub(crate) fn skipped<'a>(skipped: &'a [Skipped], customer: &Registered) -> Option<&'a str> {
    skipped.iter().find(|s| s.customer.as_ref() == Some(&named(customer))).map(|s| s.reason.as_str())
}
