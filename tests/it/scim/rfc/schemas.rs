//! RFC 7643 §8.7.1: the schemas of User, Group and EnterpriseUser. The tables at the end have one line for
//! each attribute, first as the RFC prints it, then as errata and our decisions correct it.
//!
//! A line is: path, type, multiplicity, whether it is required, `caseExact`, mutability, `returned`,
//! uniqueness, canonical values, reference types. Characteristics that the RFC leaves out stand there with
//! their defaults (§2.2); complex attributes have no case and no uniqueness of their own (erratum 6004).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{
    Server,
    client::{ENTERPRISE, GROUP, USER},
};

/// RFC 7643 §8.7.1, figure 9, and RFC 7644 §4.
///
/// Shows: V-08, V-11, V-12, V-13, V-18, V-20, S-02, S-04, S-05, S-16, S-18, S-19, S-50, S-64, S-66, S-68, S-70, S-72, S-77, S-78, S-79, S-88, Y-42
async fn every_attribute_is_published_as_the_rfc_has_it(server: Server) {
    let client = server.client().await;
    for (urn, name, printed, corrected) in [
        (USER, "User", USER_PRINTED, USER_CORRECTED),
        (GROUP, "Group", GROUP_PRINTED, GROUP_CORRECTED),
        (ENTERPRISE, "EnterpriseUser", ENTERPRISE_PRINTED, ENTERPRISE_CORRECTED),
    ] {
        let schema = client.get(&format!("/Schemas/{urn}")).await.expect(200).body;
        assert_eq!(schema["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]));
        assert_eq!((&schema["id"], &schema["name"]), (&json!(urn), &json!(name)));
        let meta = json!({ "resourceType": "Schema", "location": format!("{}/Schemas/{urn}", client.base) });
        assert_eq!(schema["meta"], meta);

        let mut expected = lines(printed);
        for (path, line) in lines(corrected) {
            assert_ne!(expected.get(&path), Some(&line), "{path} needs no correction");
            expected.insert(path, line);
        }
        let expected: BTreeSet<String> = expected.into_values().collect();
        let mut published = BTreeSet::new();
        describe(&schema["attributes"], "", &mut published);
        let unexpected: Vec<&String> = published.difference(&expected).collect();
        let missing: Vec<&String> = expected.difference(&published).collect();
        assert!(unexpected.is_empty() && missing.is_empty(), "{name} has {unexpected:#?} instead of {missing:#?}");
    }
}

/// RFC 7644 §4: the list holds what can be read one by one.
///
/// Shows: V-07, V-08, V-14
async fn the_list_of_schemas_holds_those_of_the_rfc(server: Server) {
    let client = server.client().await;
    let list = client.get("/Schemas").await.expect(200).body;
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let schemas = list["Resources"].as_array().expect("Resources");
    assert_eq!(list["totalResults"], schemas.len());
    for urn in [USER, GROUP, ENTERPRISE] {
        let one = client.get(&format!("/Schemas/{urn}")).await.expect(200).body;
        assert!(schemas.contains(&one), "{urn} is not in the list as it is alone");
    }
    let message = |schema: &Value| schema["id"].as_str().is_some_and(|id| id.contains(":api:messages:"));
    assert!(!schemas.iter().any(message));
}

/// The lines of a table by their paths. What stands in parentheses is the reason for a line.
fn lines(table: &str) -> BTreeMap<String, String> {
    let read = |line: &str| {
        let words: Vec<&str> = line.split('(').next()?.split_whitespace().collect();
        Some(((*words.first()?).to_owned(), words.join(" ")))
    };
    table.lines().filter_map(read).collect()
}

/// Puts published attributes into lines as the tables have them.
fn describe(attributes: &Value, parent: &str, into: &mut BTreeSet<String>) {
    for attribute in attributes.as_array().expect("attributes") {
        let path = format!("{parent}{}", attribute["name"].as_str().expect("a name"));
        into.insert(format!("{path} {}", characteristics(attribute)));
        if let Some(inner) = attribute.get("subAttributes") {
            describe(inner, &format!("{path}."), into);
        }
    }
}

fn characteristics(attribute: &Value) -> String {
    let word = |name: &str| attribute[name].as_str().unwrap_or("?").to_owned();
    let either = |name: &str, yes: &str, no: &str| match attribute[name].as_bool() {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => "?".to_owned(),
    };
    let mut words =
        vec![word("type"), either("multiValued", "multi", "single"), either("required", "required", "optional")];
    if let Some(exact) = attribute.get("caseExact") {
        words.push(format!("exact={exact}"));
    }
    words.extend([word("mutability"), word("returned")]);
    if attribute.get("uniqueness").is_some() {
        words.push(word("uniqueness"));
    }
    for (name, label) in [("canonicalValues", "canonical"), ("referenceTypes", "refers")] {
        let values: Vec<&str> = attribute[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !values.is_empty() {
            words.push(format!("{label}={}", values.join(",")));
        }
    }
    words.join(" ")
}

on_both_databases! {
    every_attribute_is_published_as_the_rfc_has_it,
    the_list_of_schemas_holds_those_of_the_rfc,
}

/// The User of figure 9.
const USER_PRINTED: &str = "
    userName                 string    single required exact=false readWrite default server
    name                     complex   single optional             readWrite default
    name.formatted           string    single optional exact=false readWrite default none
    name.familyName          string    single optional exact=false readWrite default none
    name.givenName           string    single optional exact=false readWrite default none
    name.middleName          string    single optional exact=false readWrite default none
    name.honorificPrefix     string    single optional exact=false readWrite default none
    name.honorificSuffix     string    single optional exact=false readWrite default none
    displayName              string    single optional exact=false readWrite default none
    nickName                 string    single optional exact=false readWrite default none
    profileUrl               reference single optional exact=false readWrite default none   refers=external
    title                    string    single optional exact=false readWrite default none
    userType                 string    single optional exact=false readWrite default none
    preferredLanguage        string    single optional exact=false readWrite default none
    locale                   string    single optional exact=false readWrite default none
    timezone                 string    single optional exact=false readWrite default none
    active                   boolean   single optional exact=false readWrite default none
    password                 string    single optional exact=false writeOnly never   none
    emails                   complex   multi  optional             readWrite default
    emails.value             string    single optional exact=false readWrite default none
    emails.display           string    single optional exact=false readWrite default none
    emails.type              string    single optional exact=false readWrite default none   canonical=work,home,other
    emails.primary           boolean   single optional exact=false readWrite default none
    phoneNumbers             complex   multi  optional             readWrite default
    phoneNumbers.value       string    single optional exact=false readWrite default none
    phoneNumbers.display     string    single optional exact=false readWrite default none
    phoneNumbers.type        string    single optional exact=false readWrite default none   canonical=work,home,mobile,fax,pager,other
    phoneNumbers.primary     boolean   single optional exact=false readWrite default none
    ims                      complex   multi  optional             readWrite default
    ims.value                string    single optional exact=false readWrite default none
    ims.display              string    single optional exact=false readWrite default none
    ims.type                 string    single optional exact=false readWrite default none   canonical=aim,gtalk,icq,xmpp,msn,skype,qq,yahoo
    ims.primary              boolean   single optional exact=false readWrite default none
    photos                   complex   multi  optional             readWrite default
    photos.value             reference single optional exact=false readWrite default none   refers=external
    photos.display           string    single optional exact=false readWrite default none
    photos.type              string    single optional exact=false readWrite default none   canonical=photo,thumbnail
    photos.primary           boolean   single optional exact=false readWrite default none
    addresses                complex   multi  optional             readWrite default
    addresses.formatted      string    single optional exact=false readWrite default none
    addresses.streetAddress  string    single optional exact=false readWrite default none
    addresses.locality       string    single optional exact=false readWrite default none
    addresses.region         string    single optional exact=false readWrite default none
    addresses.postalCode     string    single optional exact=false readWrite default none
    addresses.country        string    single optional exact=false readWrite default none
    addresses.type           string    single optional exact=false readWrite default none   canonical=work,home,other
    groups                   complex   multi  optional             readOnly  default
    groups.value             string    single optional exact=false readOnly  default none
    groups.$ref              reference single optional exact=false readOnly  default none   refers=User,Group
    groups.display           string    single optional exact=false readOnly  default none
    groups.type              string    single optional exact=false readOnly  default none   canonical=direct,indirect
    entitlements             complex   multi  optional             readWrite default
    entitlements.value       string    single optional exact=false readWrite default none
    entitlements.display     string    single optional exact=false readWrite default none
    entitlements.type        string    single optional exact=false readWrite default none
    entitlements.primary     boolean   single optional exact=false readWrite default none
    roles                    complex   multi  optional             readWrite default
    roles.value              string    single optional exact=false readWrite default none
    roles.display            string    single optional exact=false readWrite default none
    roles.type               string    single optional exact=false readWrite default none
    roles.primary            boolean   single optional exact=false readWrite default none
    x509Certificates         complex   multi  optional             readWrite default
    x509Certificates.value   binary    single optional exact=false readWrite default none
    x509Certificates.display string    single optional exact=false readWrite default none
    x509Certificates.type    string    single optional exact=false readWrite default none
    x509Certificates.primary boolean   single optional exact=false readWrite default none
";

/// What is otherwise, and why.
const USER_CORRECTED: &str = "
    profileUrl             reference single optional exact=true  readWrite default none refers=external (§2.3.7: references are case exact)
    ims.type               string    single optional exact=false readWrite default none canonical=aim,gtalk,icq,xmpp,msn,skype,qq,yahoo,other (§4.1.2, Y-42)
    photos.value           reference single optional exact=true  readWrite default none refers=external (§2.3.7)
    addresses.primary      boolean   single optional exact=false readWrite default none (RFC 7644 §3.5.2.3, Y-42)
    groups.value           string    single optional exact=true  readOnly  default none (§3.1: ids are case exact)
    groups.$ref            reference single optional exact=true  readOnly  default none refers=Group (§2.3.7, erratum 8471)
    x509Certificates.value binary    single optional exact=true  readWrite default none (§2.3.6: binary is case exact)
";

/// The Group of figure 9.
const GROUP_PRINTED: &str = "
    displayName   string    single optional exact=false readWrite default none
    members       complex   multi  optional             readWrite default
    members.value string    single optional exact=false immutable default none
    members.$ref  reference single optional exact=false immutable default none refers=User,Group
    members.type  string    single optional exact=false immutable default none canonical=User,Group
";

/// What is otherwise, and why.
const GROUP_CORRECTED: &str = "
    displayName     string    single required exact=false readWrite default server (erratum 5368; unique by our decision)
    members.value   string    single optional exact=true  immutable default none (§3.1)
    members.$ref    reference single optional exact=true  immutable default none   refers=User,Group (§2.3.7)
    members.display string    single optional exact=false readOnly  default none (§8.4, erratum 6011, Y-42)
";

/// The EnterpriseUser of figure 9.
const ENTERPRISE_PRINTED: &str = "
    employeeNumber      string    single optional exact=false readWrite default none
    costCenter          string    single optional exact=false readWrite default none
    organization        string    single optional exact=false readWrite default none
    division            string    single optional exact=false readWrite default none
    department          string    single optional exact=false readWrite default none
    manager             complex   single optional             readWrite default
    manager.value       string    single optional exact=false readWrite default none
    manager.$ref        reference single optional exact=false readWrite default none refers=User
    manager.displayName string    single optional exact=false readOnly  default none
";

/// What is otherwise, and why.
const ENTERPRISE_CORRECTED: &str = "
    manager.value string    single optional exact=true readWrite default none (erratum 8472)
    manager.$ref  reference single optional exact=true readOnly  default none refers=User (§2.3.7; it follows from value)
";
