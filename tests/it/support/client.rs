//! A SCIM client that believes nothing: every answer is held against the description.

use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};

use super::description;

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const MUNICIPAL: &str = "urn:caurlaide:scim:schemas:extension:municipal:2.0:User";

const FORM: &str = "application/x-www-form-urlencoded";

/// A client of one tenant.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) base: String,
    /// Empty for nobody.
    pub(crate) token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
    /// `null` where there is no JSON.
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The answer, if it has that status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }

    /// A refusal with that status and keyword (none if it is empty). Says in what words.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, scim_type: &str) -> String {
        assert_eq!(self.status, status, "{:#}", self.body);
        assert_eq!(self.header("content-type"), Some("application/scim+json"));
        assert_eq!(self.body["status"], status.to_string(), "status is a string");
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(self.body["scimType"].as_str().unwrap_or_default(), scim_type, "{:#}", self.body);
        self.body["detail"].as_str().expect("a detail").to_owned()
    }

    /// A refusal as problem details (RFC 9457) with that status and kind (none if it is empty). Says in what words.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, kind: &str) -> String {
        assert_eq!(self.status, status, "{:#}", self.body);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let wanted = if kind.is_empty() { "about:blank".to_owned() } else { format!("urn:caurlaide:problem:{kind}") };
        assert_eq!(self.body["type"], wanted, "{:#}", self.body);
        assert_eq!(self.body["status"], status, "status is a number");
        assert_eq!(self.body["requestId"].as_str(), self.header("x-request-id"), "the body names its request");
        self.body["detail"].as_str().expect("a detail").to_owned()
    }

    /// A refusal of the token endpoint (RFC 6749 §5.2). Says in what words.
    #[track_caller]
    pub(crate) fn denied(self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{:#}", self.body);
        assert_eq!(self.body["error"], code, "{:#}", self.body);
        assert_eq!(self.header("cache-control"), Some("no-store"));
        self.body["error_description"].as_str().expect("a description").to_owned()
    }

    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }

    #[track_caller]
    pub(crate) fn etag(&self) -> String {
        self.header("etag").expect("an entity tag").to_owned()
    }
}

impl Client {
    pub(crate) fn new(url: &str, slug: &str, token: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { http, base: format!("{url}/t/{slug}/scim/v2"), token: token.to_owned() }
    }

    /// The same client at another endpoint.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same client with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}{path}", self.base));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let request = request.build().expect("a request");
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let response = self.http.execute(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        let names: Vec<String> = headers.keys().map(ToString::to_string).collect();
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        description::check(&method, path.trim_end_matches('/'), status, content_type, &names, &bytes);
        assert!(headers.contains_key("x-request-id"), "every answer names its request");
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Reply { status, headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    /// A request without a body.
    pub(crate) async fn ask(&self, method: &str, path: &str) -> Reply {
        self.send(self.request(method, path)).await
    }

    /// A list with parameters.
    pub(crate) async fn find(&self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        let query: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.get(&format!("{path}?{}", query.join("&"))).await
    }

    /// The names of what a filter finds, in the order of the answer.
    #[track_caller]
    pub(crate) fn names(reply: &Reply) -> Vec<String> {
        assert_eq!(reply.status, 200, "{:#}", reply.body);
        let resources = reply.body["Resources"].as_array().expect("Resources");
        let name = |resource: &Value| {
            resource["userName"].as_str().or(resource["displayName"].as_str()).unwrap_or_default().to_owned()
        };
        resources.iter().map(name).collect()
    }

    /// The names of what a filter finds, sorted.
    pub(crate) async fn filter(&self, path: &str, filter: &str) -> Vec<String> {
        let reply = self.find(path, &[("filter", filter)]).await;
        assert_eq!(reply.status, 200, "{filter}: {:#}", reply.body);
        let mut names = Self::names(&reply);
        assert_eq!(reply.body["totalResults"], names.len(), "{filter}");
        names.sort_unstable();
        names
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.write("POST", path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.write("PUT", path, body).await
    }

    /// A PATCH with these operations.
    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Reply {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        self.write("PATCH", path, &body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(self.request("DELETE", path)).await
    }

    pub(crate) async fn write(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.raw(method, path, "application/scim+json", body.to_string()).await
    }

    /// A request of administration with a body.
    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.raw(method, path, "application/json", body.to_string()).await
    }

    /// A form (RFC 6749 §B).
    pub(crate) async fn form(&self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        self.raw("POST", path, FORM, form(parameters)).await
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        media_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        self.send(self.request(method, path).header(header::CONTENT_TYPE, media_type).body(body)).await
    }

    /// A user with further attributes.
    pub(crate) async fn user(&self, name: &str, more: Value) -> Reply {
        let mut body = json!({ "schemas": [USER], "userName": name });
        merge(&mut body, more);
        self.post("/Users", &body).await.expect(201)
    }

    /// A group of those.
    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> Reply {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        self.post("/Groups", &json!({ "schemas": [GROUP], "displayName": name, "members": members })).await.expect(201)
    }
}

fn merge(into: &mut Value, more: Value) {
    if let Value::Object(more) = more {
        for (name, value) in more {
            into[name] = value;
        }
    }
}

/// The text of a form.
fn form(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// The text of a body of that media type.
pub(crate) fn text(media_type: &str, body: &Value) -> String {
    let Some(members) = body.as_object().filter(|_| media_type == FORM) else { return body.to_string() };
    let pairs: Vec<(&str, &str)> =
        members.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())).collect();
    form(&pairs)
}

/// Percent-encodes everything that is not plain.
pub(crate) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
