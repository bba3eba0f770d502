//! A bare actix answer: what `scripts/bench` measures samverkan's requests against. It answers the JSON in a file.

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(file)) =
        (arguments.next().and_then(|port| port.parse::<u16>().ok()), arguments.next())
    else {
        return Err(std::io::Error::other("usage: bare PORT FILE"));
    };
    let body = web::Bytes::from(std::fs::read(file)?);
    HttpServer::new(move || {
        let body = body.clone();
        let answer = move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        };
        App::new().default_service(web::to(answer))
    })
    .workers(2)
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
