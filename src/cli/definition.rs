//! `caurlaide schema …` and `caurlaide resource-type …`: what a tenant defines for itself.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use scim::{
    discovery::{schema_definition, type_definition},
    schema::{DefinitionError, Schema, TypeDefinition},
};
use serde_json::Value;
use store::Store;

use crate::{
    cli::{Failure, output, tenant},
    clock::Clock,
    provisioning::{Directory, Error, MAX_DEFINITION},
};

/// What to do with schemas.
#[derive(Subcommand)]
pub(super) enum SchemaAction {
    /// List the schemas that a tenant defines
    List {
        /// The tenant
        slug: String,
        /// Print JSON, as RFC 7643 §7 has it
        #[arg(long)]
        json: bool,
    },
    /// Define a schema, or define it anew; one in use may only grow
    Put {
        /// The tenant
        slug: String,
        /// A file with the JSON of RFC 7643 §7, as /Schemas shows it; - for standard input
        file: PathBuf,
    },
    /// Take back a schema that no resource type has
    Delete {
        /// The tenant
        slug: String,
        /// Its URN
        urn: String,
    },
}

/// What to do with resource types.
#[derive(Subcommand)]
pub(super) enum TypeAction {
    /// List the resource types that a tenant defines, and what it adds to standard ones
    List {
        /// The tenant
        slug: String,
        /// Print JSON, as RFC 7643 §6 has it
        #[arg(long)]
        json: bool,
    },
    /// Define a resource type, or the extensions of a standard one
    Put {
        /// The tenant
        slug: String,
        /// A file with the JSON of RFC 7643 §6, as /ResourceTypes shows it; - for standard input
        file: PathBuf,
    },
    /// Take back a resource type that has no resources, or the extensions of a standard one
    Delete {
        /// The tenant
        slug: String,
        /// Its name
        name: String,
    },
}

pub(super) async fn perform_on_schemas(store: &Store, action: SchemaAction, clock: &Clock) -> Result<(), Failure> {
    match action {
        SchemaAction::List { slug, json } => {
            let schemas = directory(store, &slug, clock).await?.definitions().await?.schemas;
            let row =
                |schema: &Schema| vec![schema.id.clone(), schema.name.clone(), schema.attributes.len().to_string()];
            let rows: Vec<Vec<String>> = schemas.iter().map(row).collect();
            list(json, schemas.iter().map(schema_definition), &["URN", "NAME", "ATTRIBUTES"], &rows)
        }
        SchemaAction::Put { slug, file } => {
            let schema = Schema::read(&read(&file)?).map_err(|error| unusable(&file, &error))?;
            let urn = schema.id.clone();
            let is_new = directory(store, &slug, clock).await?.define_schema(schema, None).await?;
            said(&urn, is_new)
        }
        SchemaAction::Delete { slug, urn } => {
            let removed = directory(store, &slug, clock).await?.remove_schema(&urn, None).await;
            removed.map_err(|error| Failure::from(error).see(&format!("caurlaide schema list {slug}")))?;
            output::print(&format!("{urn} is deleted\n"))
        }
    }
}

pub(super) async fn perform_on_types(store: &Store, action: TypeAction, clock: &Clock) -> Result<(), Failure> {
    match action {
        TypeAction::List { slug, json } => {
            let types = directory(store, &slug, clock).await?.definitions().await?.types;
            let rows: Vec<Vec<String>> = types.iter().map(row).collect();
            list(json, types.iter().map(type_definition), &["NAME", "ENDPOINT", "SCHEMA", "EXTENSIONS"], &rows)
        }
        TypeAction::Put { slug, file } => {
            let definition = TypeDefinition::read(&read(&file)?).map_err(|error| unusable(&file, &error))?;
            let name = definition.name.clone();
            let is_new = directory(store, &slug, clock).await?.define_type(definition, None).await?;
            said(&name, is_new)
        }
        TypeAction::Delete { slug, name } => {
            let removed = directory(store, &slug, clock).await?.remove_type(&name, None).await;
            removed.map_err(|error| Failure::from(error).see(&format!("caurlaide resource-type list {slug}")))?;
            output::print(&format!("{name} is deleted\n"))
        }
    }
}

async fn directory(store: &Store, slug: &str, clock: &Clock) -> Result<Directory, Failure> {
    Ok(Directory::at_the_command_line(store, &tenant::find(store, slug).await?, clock).await?)
}

fn row(definition: &TypeDefinition) -> Vec<String> {
    let or_standard = |text: &Option<String>| text.clone().unwrap_or_else(|| "standard".to_owned());
    let extensions: Vec<&str> =
        definition.schema_extensions.iter().map(|extension| extension.schema.as_str()).collect();
    let extensions = if extensions.is_empty() { "-".to_owned() } else { extensions.join(",") };
    vec![definition.name.clone(), or_standard(&definition.endpoint), or_standard(&definition.schema), extensions]
}

fn list(
    as_json: bool,
    definitions: impl Iterator<Item = Value>,
    header: &[&str],
    rows: &[Vec<String>],
) -> Result<(), Failure> {
    if as_json { output::json(&definitions.collect()) } else { output::table(header, rows) }
}

fn said(name: &str, is_new: bool) -> Result<(), Failure> {
    output::print(&format!("{name} is {}\n", if is_new { "defined" } else { "defined anew" }))
}

fn unusable(file: &Path, error: &DefinitionError) -> Failure {
    Failure::Usage(format!("{}: {error}", file.display()))
}

/// The JSON of a file, or of standard input where its name is `-`; bounded as a request would be.
fn read(file: &Path) -> Result<Value, Failure> {
    let unreadable = |error| Failure::Usage(format!("cannot read {}: {error}", file.display()));
    let source: Box<dyn Read> = match file.to_str() {
        Some("-") => Box::new(std::io::stdin()),
        _ => Box::new(File::open(file).map_err(unreadable)?),
    };
    let mut bytes = Vec::new();
    source.take(MAX_DEFINITION as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_DEFINITION {
        return Err(Failure::Usage(format!("{} is larger than {MAX_DEFINITION} bytes", file.display())));
    }
    scim::json::parse(&bytes).map_err(|error| Failure::Usage(format!("{}: {}", file.display(), error.detail)))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) | Error::Worded(refused, _) if refused.status == 404 => {
                Self::Missing(refused.detail)
            }
            Error::Refused(refused) | Error::Worded(refused, _) if refused.status == 400 => Self::Usage(refused.detail),
            Error::Refused(refused) | Error::Worded(refused, _) => Self::Failed(refused.detail),
            Error::Wrong(refused, ..) => Self::Usage(refused.detail),
            other => Self::Failed(other.to_string()),
        }
    }
}
