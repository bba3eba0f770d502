//! Tests of reading a body: what is refused before it is read, in which order, and what is left to the operation.

use std::future::poll_fn;
use std::task::Poll;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, dev::Payload, web};
use serde::Deserialize;

use super::super::in_order::InOrder;
use super::*;
use crate::platform::text::Language;

#[derive(Clone, Deserialize, ToSchema, Validate, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Note {
    #[schema(min_length = 1)]
    text: String,
}

const NOTE: &str = r#"{"text":"hej"}"#;

fn post(content_type: &str) -> TestRequest {
    TestRequest::post().insert_header(("content-type", content_type)).set_payload(NOTE)
}

async fn extract(request: TestRequest) -> Result<Note, Problem> {
    let (request, mut payload) = request.to_http_parts();
    Body::<Note>::take(&request, &mut payload).await?.into_valid()
}

async fn refused(request: TestRequest) -> (Code, String) {
    let problem = extract(request).await.unwrap_err();
    (problem.code, problem.detail.map(|detail| detail.get(Language::En).to_owned()).unwrap_or_default())
}

#[actix_web::test]
async fn a_body_is_read_and_its_hash_kept() {
    let (request, mut payload) = post("application/json").to_http_parts();
    let note = Body::<Note>::take(&request, &mut payload).await.unwrap().into_inner();
    assert_eq!(note.text, "hej");
    let facts = request.extensions().get::<BodyFacts>().unwrap().clone();
    assert_eq!(facts, BodyFacts::of(NOTE.as_bytes()));
    assert_eq!(facts.length, NOTE.len());
    assert_eq!(facts.hash, "63adb8d3b1af8e2c834443239c8cb13d813c7881aaa667195bc22bdc02c0e9fc");
}

#[actix_web::test]
async fn only_json_in_utf_8_is_accepted() {
    for accepted in ["application/json", "Application/JSON; Charset=\"UTF-8\"", "application/json; profile=x"]
    {
        assert!(extract(post(accepted)).await.is_ok(), "{accepted}");
    }
    for other in
        ["text/plain", "application/json; charset=latin1", "application/merge-patch+json", "", "json"]
    {
        let (code, detail) = refused(post(other)).await;
        assert_eq!(code, Code::UnsupportedMediaType, "{other}");
        assert_eq!(detail, "Content-Type must be application/json, in UTF-8");
    }
    let twice = post("application/json").append_header(("content-type", "text/plain"));
    assert_eq!(refused(twice).await.0, Code::UnsupportedMediaType);
    let unnamed = TestRequest::post().insert_header(("content-length", "14")).set_payload(NOTE);
    assert_eq!(refused(unnamed).await.0, Code::UnsupportedMediaType);
}

#[actix_web::test]
async fn a_patch_may_be_a_merge_patch() {
    for accepted in ["application/json", "application/merge-patch+json"] {
        assert!(extract(post(accepted).method(Method::PATCH)).await.is_ok(), "{accepted}");
    }
    let (_, detail) = refused(post("text/plain").method(Method::PATCH)).await;
    assert_eq!(detail, "Content-Type must be application/json or application/merge-patch+json, in UTF-8");
}

#[actix_web::test]
async fn compressed_bodies_are_refused() {
    let encoded = |coding: &'static str| post("application/json").insert_header(("content-encoding", coding));
    assert!(extract(encoded("identity")).await.is_ok());
    for coding in ["gzip", "identity, br", "x"] {
        let (code, detail) = refused(encoded(coding)).await;
        assert_eq!((code, detail.contains("uncompressed")), (Code::UnsupportedMediaType, true), "{coding}");
    }
}

#[actix_web::test]
async fn a_missing_body_is_reported_as_empty() {
    let (code, detail) = refused(TestRequest::post()).await;
    assert_eq!(code, Code::MalformedJson);
    assert!(detail.starts_with("The body is empty"), "{detail}");
}

#[actix_web::test]
async fn a_declared_length_above_the_limit_is_refused_without_reading() {
    let request = post("text/plain").insert_header(("content-length", (LIMIT + 1).to_string()));
    assert_eq!(refused(request).await.0, Code::BodyTooLarge);
}

#[actix_web::test]
async fn a_body_of_unknown_length_is_read_to_the_limit() {
    let of_size = |size: usize| {
        let text = format!("{{\"text\":\"{}\"}}", "x".repeat(size - 11));
        TestRequest::post().insert_header(("content-type", "application/json")).set_payload(text)
    };
    assert!(extract(of_size(LIMIT)).await.is_ok());
    assert_eq!(refused(of_size(LIMIT + 1)).await.0, Code::BodyTooLarge);
}

#[actix_web::test]
async fn a_body_that_takes_too_long_is_refused() {
    let never = std::future::pending::<Result<(), Problem>>();
    let problem = within(Duration::from_millis(5), never).await.unwrap_err();
    assert_eq!(problem.code, Code::BodyTooSlow);
    assert!(within(Duration::from_millis(5), async { Ok(()) }).await.is_ok());
}

/// Stands in for a permit that takes several polls.
struct Slow;

impl RequestPart for Slow {
    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls < 3 { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        assert!(request.extensions().get::<BodyFacts>().is_none(), "the body was read before its turn");
        let is_forbidden = request.query_string() == "forbidden";
        if is_forbidden { Err(Problem::new(Code::Forbidden)) } else { Ok(Slow) }
    }
}

#[actix_web::test]
async fn the_permit_is_refused_before_the_body() {
    async fn handler(InOrder((_permit, body)): InOrder<(Slow, Body<Note>)>) -> String {
        body.into_inner().text
    }
    let app = init_service(App::new().route("/", web::post().to(handler))).await;
    let wrong = || TestRequest::post().insert_header(("content-type", "text/plain"));
    let answer = call_service(&app, wrong().uri("/?forbidden").to_request()).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let answer = call_service(&app, wrong().uri("/").set_payload("x").to_request()).await;
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let answer = call_service(&app, post("application/json").uri("/").to_request()).await;
    assert_eq!(read_body(answer).await, "hej");
}

#[actix_web::test]
async fn a_broken_bound_is_kept_for_the_operation() {
    let request =
        TestRequest::post().insert_header(("content-type", "application/json")).set_payload(r#"{"text":""}"#);
    let (request, mut payload) = request.to_http_parts();
    let body = Body::<Note>::take(&request, &mut payload).await.unwrap();
    let BodyErrors(kept) = request.extensions_mut().remove::<BodyErrors>().unwrap();
    assert_eq!(kept.iter().map(|error| error.code).collect::<Vec<_>>(), ["tooShort"]);
    assert_eq!(body.clone().into_inner().text, "");
    assert_eq!(body.into_valid().unwrap_err().errors, kept);
}
