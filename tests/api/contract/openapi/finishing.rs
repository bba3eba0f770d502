//! A small API, collected by utoipa like the real one, goes through the same finishing, so that each addition can be checked
//! alone.

use actix_web::{App, HttpResponse, delete, get, patch, post};
use samverkan::platform::auth::action::{Access, ActionRow};
use samverkan::platform::auth::scope::{Reach, RoleGrant};
use samverkan::platform::http::list::Listing;
use samverkan::platform::http::openapi::{finish, openapi_json, openapi_yaml};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt as _, scope};

use super::quality::faults;
use crate::support::documented::resolved_in;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"name": "En sak", "atOnce": 3}))]
struct Thing {
    name: String,
    #[schema(minimum = 1, maximum = 9)]
    at_once: Option<i32>,
}

/// List things
///
/// Ger alla saker som anroparen får se.
///
/// Gives all the things that the caller may see.
#[utoipa::path(tag = "service", operation_id = "listThings", responses((status = 200, body = Listing<Thing>)), security(("bearer" = ["thing.read"])))]
#[get("/things")]
async fn list_things() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// Make a thing
///
/// Skapar en sak med det namn som anges.
///
/// Makes a thing with the name that is given.
#[utoipa::path(
    tag = "service",
    operation_id = "makeThing",
    request_body = Thing,
    responses((status = 201, body = Thing)),
    security(("bearer" = ["thing.make"])),
    extensions(("x-problem-codes" = json!(["deadlinePassed"])))
)]
#[post("/things")]
async fn make_thing() -> HttpResponse {
    HttpResponse::Created().finish()
}

/// Change a thing
///
/// Ändrar en sak till det som anges.
///
/// Changes a thing to what is given.
#[utoipa::path(
    tag = "service",
    operation_id = "changeThing",
    request_body = Thing,
    responses((status = 200, body = Thing)),
    security(("bearer" = ["thing.make"]))
)]
#[patch("/things/{thingId}")]
async fn change_thing() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// Forget a thing
///
/// Tar bort en sak som ingen behöver, och det utan att fråga.
///
/// Removes a thing that nobody needs, and that without asking.
#[utoipa::path(
    tag = "service",
    operation_id = "forgetThing",
    responses((status = 204)),
    security(("bearer" = ["thing.forget"]))
)]
#[delete("/things/{thingId}")]
async fn forget_thing() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Fetch a token
///
/// Ger en token till den som har ett lösenord.
///
/// Gives a token to the one who has a password.
#[utoipa::path(tag = "identity", operation_id = "fetchToken", responses((status = 200, body = Thing)))]
#[post("/oauth/token")]
async fn fetch_token() -> HttpResponse {
    HttpResponse::Ok().finish()
}

const KEEPER: RoleGrant = RoleGrant { role: "keeper", reach: Reach::Installation };

static READ: ActionRow =
    ActionRow { name: "thing.read", access: Access::Anyone, roles: &[], deeds: &[], sv: "Läsa", en: "Read" };
static MAKE: ActionRow = ActionRow {
    name: "thing.make",
    access: Access::Roles,
    roles: &[KEEPER],
    deeds: &[],
    sv: "Skapa",
    en: "Make",
};
static FORGET: ActionRow = ActionRow {
    name: "thing.forget",
    access: Access::LoggedIn,
    roles: &[],
    deeds: &[],
    sv: "Glömma",
    en: "Forget",
};

fn collected() -> OpenApi {
    let routes = scope::scope("/api/v1")
        .service(list_things)
        .service(make_thing)
        .service(change_thing)
        .service(forget_thing)
        .service(fetch_token)
        .service(samverkan::platform::http::service::api_info)
        .service(openapi_json)
        .service(openapi_yaml);
    App::new().into_utoipa_app().service(routes).split_for_parts().1
}

fn finished() -> Value {
    finish(&collected(), &[&READ, &MAKE, &FORGET], &[]).unwrap()
}

fn operation(document: &Value, path: &str, method: &str) -> Value {
    document["paths"][path][method].clone()
}

fn statuses(operation: &Value) -> Vec<&String> {
    operation["responses"].as_object().unwrap().keys().collect()
}

#[test]
fn the_finished_document_has_no_errors() {
    assert_eq!(faults(&finished()), Vec::<String>::new());
}

#[test]
fn the_collected_document_has_many_errors() {
    let raw = serde_json::to_value(collected()).unwrap();
    let faults = faults(&raw).join("\n");
    for fault in [
        "termsOfService",
        "no default answer",
        "Listing_Thing",
        "no example",
        "no security",
        "both languages",
    ] {
        assert!(faults.contains(fault), "{fault} in\n{faults}");
    }
}

#[test]
fn responses_follow_from_method_path_body_and_access() {
    let document = finished();
    let list = operation(&document, "/things", "get");
    assert_eq!(statuses(&list), ["200", "304", "400", "401", "429", "500", "503", "default"]);
    let make = operation(&document, "/things", "post");
    let expected = [
        "201", "400", "401", "403", "408", "409", "413", "415", "422", "429", "500", "503", "507", "default",
    ];
    assert_eq!(statuses(&make), expected);
    let change = operation(&document, "/things/{thingId}", "patch");
    assert!(["404", "412", "428"].iter().all(|status| change["responses"].get(status).is_some()));
    let forget = operation(&document, "/things/{thingId}", "delete");
    assert!(forget["responses"].get("403").is_none());
    assert!(forget["responses"].get("413").is_none());
}

#[test]
fn the_codes_of_a_handler_are_under_their_status() {
    let make = operation(&finished(), "/things", "post");
    let conflict = &make["responses"]["409"]["content"]["application/problem+json"]["examples"];
    assert_eq!(conflict["deadlinePassed"]["$ref"], "#/components/examples/deadlinePassed");
    let names: Vec<_> =
        make["x-problem-codes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(
        names.is_sorted() && names.contains(&"deadlinePassed") && names.contains(&"idempotencyKeyReused")
    );
}

#[test]
fn the_permission_comes_from_the_policy_table() {
    let document = finished();
    let make = operation(&document, "/things", "post");
    assert_eq!(make["x-permission"], "thing.make");
    assert!(make["description"].as_str().unwrap().ends_with("\n\nRoles: keeper"));
    assert_eq!(make["security"][0], json!({"bearer": ["thing.make"]}));
    assert_eq!(operation(&document, "/things", "get")["security"][0], json!({}));
    assert_eq!(operation(&document, "/api-info", "get")["security"], json!([]));
}

#[test]
fn an_operation_names_only_existing_actions_and_codes() {
    let refused =
        |collected: &OpenApi, actions: &[_]| finish(collected, actions, &[]).unwrap_err().internal.unwrap();
    assert!(refused(&collected(), &[&READ]).ends_with("names the unknown action thing.make"));
    let misspelt = collected().to_json().unwrap().replace("deadlinePassed", "deadlinePast");
    let misspelt = serde_json::from_str(&misspelt).unwrap();
    let refused = refused(&misspelt, &[&READ, &MAKE, &FORGET]);
    assert_eq!(refused, "post /things names the unknown problem code deadlinePast");
}

#[test]
fn headers_follow_from_the_method() {
    let document = finished();
    let names = |path: &str, method: &str| -> Vec<(String, bool)> {
        let parameters = operation(&document, path, method)["parameters"].as_array().unwrap().clone();
        let shown = parameters.iter().map(|parameter| resolved_in(&document, parameter));
        shown.map(|p| (p["name"].as_str().unwrap().to_owned(), p["required"] == true)).collect()
    };
    let expect = |list: &[(&str, bool)]| -> Vec<(String, bool)> {
        list.iter().map(|(name, required)| ((*name).to_owned(), *required)).collect()
    };
    let every = [("Accept-Language", false), ("traceparent", false)];
    assert_eq!(names("/things", "get"), expect(&[every[0], every[1], ("If-None-Match", false)]));
    assert_eq!(names("/things", "post"), expect(&[every[0], every[1], ("Idempotency-Key", false)]));
    let change = [("thingId", true), every[0], every[1], ("If-Match", true)];
    assert_eq!(names("/things/{thingId}", "patch"), expect(&change));
    assert_eq!(names("/oauth/token", "post"), expect(&every));
}

#[test]
fn a_merge_patch_may_also_be_sent_as_json() {
    let content = operation(&finished(), "/things/{thingId}", "patch")["requestBody"]["content"].clone();
    assert_eq!(content["application/json"], content["application/merge-patch+json"]);
    assert_eq!(content["application/json"]["example"]["name"], "En sak");
}

#[test]
fn the_token_endpoints_follow_both_standards() {
    let token = operation(&finished(), "/oauth/token", "post");
    for media in ["application/json", "application/problem+json"] {
        let value = &token["responses"]["401"]["content"][media]["examples"]["invalidClient"]["value"];
        assert_eq!(value["error"], "invalid_client", "{media}");
        assert_eq!(value["code"], "invalidClient");
    }
}

#[test]
fn lists_refer_to_their_items_and_have_an_example() {
    let document = finished();
    let schema = &document["components"]["schemas"]["ThingListing"];
    assert_eq!(schema["properties"]["items"]["items"]["$ref"], "#/components/schemas/Thing");
    let list = operation(&document, "/things", "get");
    let example = &list["responses"]["200"]["content"]["application/json"]["example"];
    assert_eq!(example["items"][0]["name"], "En sak");
    assert_eq!(example["_links"][0]["href"], "https://samverkan.example.org/api/v1/things");
}
