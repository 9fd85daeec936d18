//! The switch for views over many customers: off, they are empty and say so of each customer, and one customer alone is worked as ever.

use crate::work::{page, rows_of, skipped, spray};
use bailiwick_api::{Preferences, PreferencesPatch, Role, WhyNotMany};
use bailiwick_client::ClientError;
use bailiwick_testkit::{Person, Setup, World};
use http::Method;
use serde_json::{Value, json};

async fn set(person: &Person, patch: PreferencesPatch) -> Result<Preferences, ClientError> {
    person.client.call(Method::PATCH, "/api/v1/me/preferences", Some(&patch)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switched_off_many_are_skipped_by_name_and_one_alone_is_worked_as_ever() {
    let world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let ada = &world.administrator;
    let on = PreferencesPatch { multi_customer: Some(true), ..PreferencesPatch::default() };
    let off = PreferencesPatch { multi_customer: Some(false), ..PreferencesPatch::default() };
    let fresh: Preferences = ada.client.get("/api/v1/me/preferences").await.unwrap();
    assert_eq!((fresh.multi_customer, fresh.multi_customer_available, fresh.reason), (true, false, Some(WhyNotMany::NoLinkedCustomer)));
    set(ada, off).await.unwrap();
    assert_eq!(set(ada, on).await.unwrap_err().code(), Some("MULTI_CUSTOMER_UNAVAILABLE"));

    let (acme, beta) = (world.customer(0, "Acme").await.unwrap(), world.customer(1, "Beta").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&acme, &beta]).await.unwrap();
    let bob = world.granted("bob", Role::Analyst, &[&acme, &beta]).await.unwrap();
    spray(&acme, 1, 1).await;
    spray(&beta, 2, 1).await;
    assert_eq!(page(&ana, "").await.data.len(), 2);
    let told = set(&ana, off).await.unwrap();
    assert!(!told.multi_customer && told.multi_customer_available && told.reason.is_none(), "{told:?}");
    for query in ["", "customers=", &format!("customers={},{}", acme.customer.id, beta.customer.id)] {
        let many = page(&ana, query).await;
        assert!(many.data.is_empty(), "{query}");
        if query != "customers=" {
            assert_eq!([skipped(&many.scope.skipped, &acme), skipped(&many.scope.skipped, &beta)], [Some("TOGGLE_OFF"); 2], "{query}");
            assert!(!many.scope.complete);
        }
    }
    let one = page(&ana, &format!("customers={}", acme.customer.id)).await;
    assert_eq!((rows_of(&one, &acme), one.scope.complete), (1, true));
    let row = &one.data[0].row;
    let patched = json!({"version": row.version, "tags": ["mine"]});
    ana.client.call::<Value>(Method::PATCH, &format!("/api/v1/investigations/{}", row.rrn), Some(&patched)).await.unwrap();
    ana.client.get::<Value>(&format!("/api/v1/investigations/{}", row.rrn)).await.unwrap();
    assert_eq!(page(&bob, "").await.data.len(), 2, "another person's switch is another one");
    set(&ana, on).await.unwrap();
    assert_eq!(page(&ana, "").await.data.len(), 2);
    let compact = PreferencesPatch { single_keys: Some(false), ..PreferencesPatch::default() };
    assert!(set(&ana, compact).await.unwrap().multi_customer, "what is left out stays");
    let again: Preferences = ana.client.get("/api/v1/me/preferences").await.unwrap();
    assert!(!again.single_keys);
    let refused = world.call(Some(&world.session(&ana).await.unwrap()), "PATCH", "/api/v1/me/preferences", r#"{"colour":1}"#).await.unwrap();
    assert_eq!(refused.refusal(), (400, "UNKNOWN_FIELD", "colour"));
}
