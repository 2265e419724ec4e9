//! `caurlaide tenant export`, `import` and `discard`, as operators run them.

use std::{io::Write, os::unix::fs::PermissionsExt, process::Stdio, time::Duration};

use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{lines, sealed};
use crate::support::{
    Kind,
    database::Database,
    program::{Program, command, run},
};

async fn a_tenant_is_moved_by_command(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let server = Program::serve(&database, &[]);
    let token = run(&database, &["token", "create", "riga", "--client", "Entra"]).expect(0);
    let client = server.client("riga", &token);
    let anna = client.user("anna", json!({ "displayName": "Anna Bērziņa", "password": "parole" })).await.id();
    client.group("visi", &[&anna]).await;

    let written = run(&database, &["tenant", "export", "riga", "--output", "riga.jsonl"]);
    assert!(written.err.contains("records are written"), "{written:?}");
    assert_eq!(written.expect(0), "");
    let file = database.directory.path().join("riga.jsonl");
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(
        text.contains("Anna Bērziņa") && !text.contains("argon2") && !text.contains("\"kind\":\"token\""),
        "{text}"
    );
    assert!(run(&database, &["tenant", "export", "riga", "--output", "riga.jsonl"]).complaint(4).contains("exists"));
    assert!(run(&database, &["tenant", "export", "jurmala"]).complaint(3).contains("tenant list"));
    let secret =
        run(&database, &["tenant", "export", "riga", "--with-passwords", "--with-credentials", "--without-events"]);
    let secret = secret.expect(0);
    assert!(
        secret.contains("argon2id") && secret.contains("\"kind\":\"token\"") && !secret.contains("\"kind\":\"event\"")
    );

    let tried = run(&database, &["tenant", "import", "riga.jsonl", "--slug", "kopija", "--dry-run"]);
    assert_eq!(tried.expect(0), "kopija could be imported\n");
    assert_eq!(run(&database, &["tenant", "list"]).expect(0).lines().count(), 2);
    let imported = run(&database, &["tenant", "import", "riga.jsonl", "--slug", "kopija"]);
    assert!(imported.err.contains("records are imported"), "{imported:?}");
    assert_eq!(imported.expect(0), "kopija is active\n");
    let token = run(&database, &["token", "create", "kopija", "--client", "Other"]).expect(0);
    assert_eq!(server.client("kopija", &token).filter("/Users", "displayName co \"BĒRZIŅA\"").await, ["anna"]);

    for (arguments, code, says) in [
        (&["tenant", "import", "riga.jsonl"][..], 4, "--slug"),
        (&["tenant", "import", "riga.jsonl", "--slug", "Rīga"], 2, "small letters"),
        (&["tenant", "import", "nothing.jsonl"], 3, "no file"),
        (&["tenant", "discard", "riga"], 3, "no such import"),
    ] {
        let complaint = run(&database, arguments).complaint(code);
        assert!(complaint.contains(says), "{arguments:?}: {complaint}");
    }
    std::fs::write(database.directory.path().join("half.jsonl"), &text[..text.len() / 2]).expect("written");
    let complaint = run(&database, &["tenant", "import", "half.jsonl", "--slug", "half"]).complaint(1);
    assert!(complaint.contains("line ") && complaint.contains("cut off"), "{complaint}");

    // A database of its own is made for what comes.
    let elsewhere = Database::new(Kind::Sqlite).await;
    let mut import = command(&elsewhere, &["tenant", "import", "-"]);
    let mut import =
        import.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    import.stdin.take().expect("a pipe").write_all(secret.as_bytes()).expect("written");
    let output = import.wait_with_output().expect("an end");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "riga is active\n");
    let other = Program::serve(&elsewhere, &[]);
    other.client("riga", &client.token).get(&format!("/Users/{anna}")).await.expect(200);
    other.stop();
    server.stop();
}

/// An import that was killed leaves no tenant that anybody reaches, and nothing that one command does not take away.
async fn a_killed_import_leaves_no_tenant(database: Database) {
    run(&database, &["tenant", "create", "riga", "--name", "Rīga"]).expect(0);
    let token = run(&database, &["token", "create", "riga", "--client", "Entra"]).expect(0);
    let archive = run(&database, &["tenant", "export", "riga", "--with-credentials"]).expect(0);
    let other = Database::new(match database.location {
        store::Location::Sqlite(_) => Kind::Sqlite,
        store::Location::Postgres(_) => Kind::Postgres,
    })
    .await;
    run(&other, &["migrate"]).expect(0);
    let mut lines = lines(archive.as_bytes());
    let footer = lines.len() - 1;
    let event = lines[footer - 1].clone();
    lines.splice(footer..footer, std::iter::repeat_n(event, 1200));
    let archive = sealed(&lines);
    let half = &archive[..archive.len() - 2000];

    let mut import = command(&other, &["tenant", "import", "-"]);
    let mut import =
        import.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut pipe = import.stdin.take().expect("a pipe");
    pipe.write_all(half).and_then(|()| pipe.flush()).expect("written");
    let look = other.look().await;
    let begun = Instant::now();
    loop {
        let count: (i64,) = sqlx::query_as("SELECT count(*) FROM token").fetch_one(&look).await.expect("a count");
        if count.0 == 1 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing is imported");
        sleep(Duration::from_millis(20)).await;
    }
    import.kill().expect("killed");
    import.wait().expect("an end");

    let server = Program::serve(&other, &[]);
    let client = server.client("riga", &token);
    client.get("/Users").await.refused(401, "");
    assert_eq!(run(&other, &["tenant", "list"]).expect(0).lines().count(), 1);
    std::fs::write(other.directory.path().join("riga.jsonl"), &archive).expect("written");
    let complaint = run(&other, &["tenant", "import", "riga.jsonl"]).complaint(1);
    assert!(complaint.contains("caurlaide tenant discard riga"), "{complaint}");
    run(&other, &["tenant", "discard", "riga"]).expect(0);
    let count: (i64,) = sqlx::query_as("SELECT count(*) FROM event").fetch_one(&look).await.expect("a count");
    assert_eq!(count.0, 0);
    run(&other, &["tenant", "import", "riga.jsonl"]).expect(0);
    client.get("/Users").await.expect(200);
    server.stop();
}

macro_rules! with_a_database {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Database::new(super::Kind::Sqlite).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Database::new(super::Kind::Postgres).await).await;
            })*
        }
    };
}

with_a_database! { a_tenant_is_moved_by_command, a_killed_import_leaves_no_tenant }
