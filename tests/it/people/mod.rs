//! People who call with a token (JWT) of an issuer that their tenant trusts.

mod attacks;
mod command;
mod keys;
mod linking;
mod me;
mod myself;
mod standing;
mod views;

use serde_json::Value;

use crate::support::{Client, Server, issuer::Issuer};

/// An issuer that `riga` trusts, with these differences from the usual registration. Says its address in the API.
async fn trust(server: &Server, issuer: &Issuer, differences: Value) -> (Client, String) {
    let administrator = server.administrator("riga").await;
    let mut registration = issuer.registration();
    for (name, value) in differences.as_object().expect("an object") {
        registration[name] = value.clone();
    }
    if registration.get("jwksUri").is_some() {
        registration.as_object_mut().expect("an object").remove("jwks");
    }
    let id = administrator.json("POST", "/issuers", &registration).await.expect(201).id();
    (administrator, format!("/issuers/{id}"))
}

/// A SCIM client of `riga` with that token.
fn bearing(server: &Server, token: &str) -> Client {
    Client::new(&server.url, "riga", token)
}
