//! On PostgreSQL the program serves as a role that owns nothing: with the rights that the README lists it does everything, and it
//! cannot change what is only appended to.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use samverkan::platform::db::{Location, migrations, rights};

use super::world::World;
use crate::support::{Kind, TestApp, TestDatabase};

/// Runs a statement on an address; its error.
fn run(url: &str, statement: &str) -> Result<(), String> {
    PgConnection::establish(url).unwrap().batch_execute(statement).map_err(|error| error.to_string())
}

#[test]
fn a_role_that_owns_nothing_serves_everything() {
    let database = TestDatabase::new(Kind::Postgres);
    let (owner, role) = (database.url.clone(), format!("serve_{}", std::process::id()));
    run(&owner, &format!("CREATE ROLE {role} LOGIN PASSWORD 'serves'")).unwrap();
    rights::grant(&owner, &role).unwrap();
    let (_, place) = owner.split_once('@').unwrap();
    let served = format!("postgres://{role}:serves@{place}");
    let location = Location::Postgres(served.clone());
    assert!(rights::is_owner(&Location::Postgres(owner.clone())).unwrap());
    assert!(!rights::is_owner(&location).unwrap());
    assert!(migrations::run(&location).unwrap().is_empty());

    let t = TestApp::with(Kind::Postgres, &[("DATABASE_URL", &served)]);
    World::new(&t);
    t.run_jobs();
    assert_eq!(t.trail_faults(), Vec::<String>::new());
    for statement in [
        "UPDATE audit_events SET action = 'x'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER USER",
        "DROP TRIGGER audit_events_kept ON audit_events",
        "UPDATE audit_checkpoints SET heads = ''",
        "DELETE FROM audit_checkpoints",
        "UPDATE status_changes SET comment = NULL",
        "UPDATE signatures SET name = 'x'",
        "DELETE FROM audit_chains",
        "DROP TABLE people",
        "CREATE TABLE more (id integer)",
        "DELETE FROM __diesel_schema_migrations",
    ] {
        let error = run(&served, statement).unwrap_err();
        assert!(
            error.contains("permission denied") || error.contains("must be owner"),
            "{statement}: {error}"
        );
    }
    // A program that is newer than the database does not start as this role.
    run(&owner, "DELETE FROM __diesel_schema_migrations WHERE version = '00000000000009'").unwrap();
    let error = migrations::run(&location).unwrap_err().to_string();
    assert!(error.contains("lacks 1 migration,"), "{error}");
    drop(t);
    drop(database);
    crate::support::administrate(&format!("DROP ROLE {role}"));
}
