//! The console as a person's program calls it: a cookie session with its CSRF token.

use crate::{
    ClientError, Transport,
    node::{join, segment},
};
use bailiwick_api::{
    AuditEntry, CreatedEnrolmentCode, CreatedUser, Customer, CustomerPatch, Delegation, DelegationId, DeleteCustomer, ForceDelete, Grant,
    GroupDetail, GroupId, GroupPatch, Investigation, InvestigationPatch, Link, List, LogSearch, Me, NewCustomer, NewDelegations, NewEnrolmentCode,
    NewGrant, NewGroup, NewUser, Page, Paged, Preflight, Registration, Removal, SignIn, SyncStatus, UseLink, User, UserId, UserPatch,
};
use http::{HeaderMap, header};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;
use url::Url;

const DEADLINE: Duration = Duration::from_secs(15);
/// For files, and for what waits for a node.
const LONG: Duration = Duration::from_secs(120);
/// For a file of customers.
const IMPORT: Duration = Duration::from_secs(3_600);

/// One person's session at the console.
#[derive(Clone, Debug)]
pub struct ConsoleClient {
    transport: Transport,
    base: Url,
    cookie: String,
    /// Who is signed in.
    pub me: Me,
}

impl ConsoleClient {
    /// Signs in.
    pub async fn sign_in(transport: &Transport, base: &Url, email: &str, password: &str) -> Result<Self, ClientError> {
        let body = SignIn { email: email.into(), password: password.into() };
        Self::begin(transport, base, "/api/v1/session", &body).await
    }

    /// Opens a single-use link and is signed in by it.
    pub async fn use_link(transport: &Transport, base: &Url, link: &UseLink) -> Result<Self, ClientError> {
        Self::begin(transport, base, "/api/v1/setup", link).await
    }

    async fn begin(transport: &Transport, base: &Url, path: &str, body: &impl Serialize) -> Result<Self, ClientError> {
        let (me, cookie) = begin(transport, base, path, body).await?;
        Ok(Self { transport: transport.clone(), base: base.clone(), cookie, me })
    }

    /// Adds a customer.
    pub async fn add_customer(&self, customer: &NewCustomer) -> Result<Customer, ClientError> {
        self.call(Method::POST, "/api/v1/customers", Some(customer)).await
    }

    /// Looks at everything that adding a customer looks at, and saves nothing.
    pub async fn preflight(&self, customer: &NewCustomer) -> Result<Preflight, ClientError> {
        self.slowly(Method::POST, "/api/v1/customers/preflight", Some(customer)).await
    }

    /// Changes a customer.
    pub async fn update_customer(&self, id: &str, patch: &CustomerPatch) -> Result<Customer, ClientError> {
        self.slowly(Method::PATCH, &format!("/api/v1/customers/{}", segment(id)), Some(patch)).await
    }

    /// Lets a customer go.
    pub async fn delete_customer(&self, id: &str, asked: &DeleteCustomer) -> Result<Removal, ClientError> {
        self.slowly(Method::DELETE, &format!("/api/v1/customers/{}", segment(id)), Some(asked)).await
    }

    /// Lets a customer go whose node did not answer to that.
    pub async fn force_delete_customer(&self, id: &str, asked: &ForceDelete) -> Result<Removal, ClientError> {
        self.slowly(Method::POST, &format!("/api/v1/customers/{}/force-delete", segment(id)), Some(asked)).await
    }

    /// Takes a deletion back.
    pub async fn restore_customer(&self, id: &str) -> Result<Customer, ClientError> {
        self.slowly(Method::POST, &format!("/api/v1/customers/{}/restore", segment(id)), None::<&()>).await
    }

    /// Customers on their way out, and gone.
    pub async fn removals(&self) -> Result<List<Removal>, ClientError> {
        self.get("/api/v1/removals").await
    }

    /// Everything the console holds of a customer.
    pub async fn registration(&self, id: &str) -> Result<Registration, ClientError> {
        self.get(&format!("/api/v1/customers/{}/registration", segment(id))).await
    }

    /// Begins a sync, or joins the one there is.
    pub async fn begin_sync(&self, id: &str) -> Result<SyncStatus, ClientError> {
        self.call(Method::POST, &format!("/api/v1/customers/{}/sync", segment(id)), None::<&()>).await
    }

    /// How a customer's sync stands.
    pub async fn sync_status(&self, id: &str) -> Result<SyncStatus, ClientError> {
        self.get(&format!("/api/v1/customers/{}/sync", segment(id))).await
    }

    /// Adds the customers of a comma-separated file. `each` hears every line of the answer as it comes.
    pub async fn import_customers(&self, file: Vec<u8>, each: impl FnMut(&[u8])) -> Result<(), ClientError> {
        let request = self.transport.request(Method::POST, join(&self.base, "/api/v1/customers/import")?).header("cookie", &self.cookie);
        let request = request.header("x-csrf-token", &self.me.csrf).header(header::CONTENT_TYPE, "text/csv").body(file);
        Transport::lines(request, IMPORT, each).await
    }

    /// Signs out.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        self.call(Method::DELETE, "/api/v1/session", None::<&()>).await
    }

    /// Makes an enrolment code for a customer whose node dials out.
    pub async fn add_enrolment_code(&self, new: &NewEnrolmentCode) -> Result<CreatedEnrolmentCode, ClientError> {
        self.call(Method::POST, "/api/v1/enrolment-codes", Some(new)).await
    }

    /// All customers.
    pub async fn customers(&self) -> Result<Page<Customer>, ClientError> {
        self.get("/api/v1/customers").await
    }

    /// Gives, changes or takes away a grant.
    pub async fn put_grant(&self, grant: &NewGrant) -> Result<Grant, ClientError> {
        self.call(Method::PUT, "/api/v1/grants", Some(grant)).await
    }

    /// All grants.
    pub async fn grants(&self) -> Result<List<Grant>, ClientError> {
        self.get("/api/v1/grants").await
    }

    /// Delegates customers to people; the delegations made.
    pub async fn delegate(&self, new: &NewDelegations) -> Result<List<Delegation>, ClientError> {
        self.call(Method::POST, "/api/v1/delegations", Some(new)).await
    }

    /// A page of delegations; `query` as in a URL, empty for all.
    pub async fn delegations(&self, query: &str) -> Result<Paged<Delegation>, ClientError> {
        self.get(&format!("/api/v1/delegations?{query}")).await
    }

    /// Takes a delegation back.
    pub async fn remove_delegation(&self, id: &DelegationId) -> Result<(), ClientError> {
        self.call::<Option<()>>(Method::DELETE, &format!("/api/v1/delegations/{id}"), None::<&()>).await.map(drop)
    }

    /// Makes a group of customers.
    pub async fn add_group(&self, new: &NewGroup) -> Result<GroupDetail, ClientError> {
        self.call(Method::POST, "/api/v1/groups", Some(new)).await
    }

    /// Renames a group or says who is in it.
    pub async fn update_group(&self, id: &GroupId, patch: &GroupPatch) -> Result<GroupDetail, ClientError> {
        self.call(Method::PATCH, &format!("/api/v1/groups/{id}"), Some(patch)).await
    }

    /// Everybody.
    pub async fn users(&self) -> Result<List<User>, ClientError> {
        self.get("/api/v1/users").await
    }

    /// Changes a person.
    pub async fn update_user(&self, id: &UserId, patch: &UserPatch) -> Result<User, ClientError> {
        self.call(Method::PATCH, &format!("/api/v1/users/{id}"), Some(patch)).await
    }

    /// Lets a person go.
    pub async fn remove_user(&self, id: &UserId) -> Result<(), ClientError> {
        self.call::<Option<()>>(Method::DELETE, &format!("/api/v1/users/{id}"), None::<&()>).await.map(drop)
    }

    /// Makes a link that sets a person's password.
    pub async fn user_link(&self, id: &UserId) -> Result<Link, ClientError> {
        self.call(Method::POST, &format!("/api/v1/users/{id}/link"), None::<&()>).await
    }

    /// Makes a person.
    pub async fn add_user(&self, user: &NewUser) -> Result<CreatedUser, ClientError> {
        self.call(Method::POST, "/api/v1/users", Some(user)).await
    }

    /// Investigations; `query` as in a URL, empty for all.
    pub async fn investigations(&self, query: &str) -> Result<Page<Investigation>, ClientError> {
        self.get(&format!("/api/v1/investigations?{query}")).await
    }

    /// Changes an investigation.
    pub async fn update_investigation(&self, rrn: &str, patch: &InvestigationPatch) -> Result<Investigation, ClientError> {
        self.call(Method::PATCH, &format!("/api/v1/investigations/{rrn}"), Some(patch)).await
    }

    /// Searches a customer's logs.
    pub async fn search_logs(&self, customer: &str, search: &LogSearch) -> Result<Page<bailiwick_api::EventRow>, ClientError> {
        self.call(Method::POST, &format!("/api/v1/customers/{customer}/logs/search"), Some(search)).await
    }

    /// The newest lines of the audit.
    pub async fn audit(&self) -> Result<Paged<AuditEntry>, ClientError> {
        self.get("/api/v1/audit?limit=500").await
    }

    /// Any GET.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, None::<&()>).await
    }

    /// Any GET whose answer is a file.
    pub async fn fetch(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let request = self.transport.request(Method::GET, join(&self.base, path)?).header("cookie", &self.cookie);
        Ok(Transport::send(request, LONG).await?.0)
    }

    /// Any call.
    pub async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<T, ClientError> {
        self.within(DEADLINE, method, path, body).await
    }

    /// A call for which the console asks a node that may be slow.
    async fn slowly<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<T, ClientError> {
        self.within(LONG, method, path, body).await
    }

    async fn within<T: DeserializeOwned>(
        &self,
        deadline: Duration,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let mut request = self.transport.request(method, join(&self.base, path)?);
        request = request.header("cookie", &self.cookie).header("x-csrf-token", &self.me.csrf);
        if let Some(body) = body {
            request = request.json(body);
        }
        Transport::json(request, deadline).await
    }
}

/// Begins a session on either server: who it is, and the cookie.
pub(crate) async fn begin<T: DeserializeOwned>(
    transport: &Transport,
    base: &Url,
    path: &str,
    body: &impl Serialize,
) -> Result<(T, String), ClientError> {
    let (bytes, headers) = Transport::send(transport.request(Method::POST, join(base, path)?).json(body), DEADLINE).await?;
    let me = serde_json::from_slice(&bytes).map_err(|e| ClientError::Protocol(e.to_string()))?;
    Ok((me, cookie(&headers)?))
}

fn cookie(headers: &HeaderMap) -> Result<String, ClientError> {
    let set = headers.get(header::SET_COOKIE).and_then(|v| v.to_str().ok());
    let pair = set.and_then(|v| v.split(';').next()).map(str::to_owned);
    pair.ok_or_else(|| ClientError::Protocol("no session cookie".into()))
}
