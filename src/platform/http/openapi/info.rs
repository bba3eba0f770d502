//! What the document says of the API as a whole: purpose, terms, contact, licence, service level, limits, login, tags.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::components::both;
use super::{Object, operations};
use crate::platform::context::{BASE_PATH, EXAMPLE_URL};

const DESCRIPTION: &str = "\
samverkan är det API som SKR driver ett ESF-finansierat utvecklingsnätverk med, där kommuner utvecklar sin samverkan med \
sociala företag: från intresseanmälan och avsiktsförklaring till tidredovisning, medfinansiering och milstolpar. \
Autentisering: skicka `Authorization: Bearer` med en åtkomsttoken från `POST /oauth/token`; den gäller i fem minuter och \
förnyas med en förnyelsetoken. Svar och fel ges på svenska, eller på engelska med `Accept-Language: en`. Fel följer \
RFC 9457. Versionen följer semantisk versionering: ändringar som bryter något får en ny basväg, och en version som ska \
tas ur bruk säger det i förväg med sidhuvudena `Deprecation` och `Sunset`. Användarvillkor: API:et används för \
utvecklingsnätverkets arbete, av de personer och system som har fått en roll i det; uppgifter om personer behandlas bara \
för det ändamålet.

samverkan is the API with which SKR runs an ESF-financed development network where kommuner develop their collaboration \
with social enterprises: from expression of interest and avsiktsförklaring to time reporting, co-financing and \
milestones. Authentication: send `Authorization: Bearer` with an access token from `POST /oauth/token`; it holds for five \
minutes and is renewed with a refresh token. Answers and problems are in Swedish, or in English with \
`Accept-Language: en`. Problems follow RFC 9457. Versions are semantic: changes that break something get a new base path, \
and a version that will be withdrawn says so beforehand with the headers `Deprecation` and `Sunset`. Terms of use: the API \
is for the work of the network, by the people and systems that have been given a role in it; personal data are processed \
for that purpose only.";

const SLA_SV: &str = "Öppet dygnet runt. Planerade avbrott läggs utanför kontorstid och meddelas i förväg. Den som driver \
                      installationen anger tillgänglighet och svarstider i sitt avtal.";
const SLA_EN: &str = "Open around the clock. Planned interruptions are placed outside office hours and announced beforehand. \
                      Whoever runs the installation states availability and response times in their agreement.";

const LIMITATIONS_SV: &str = "JSON i anrop är högst 2 MiB och en sats högst 1 000 poster; listor ger högst 1 000 poster per \
                              sida. Antalet anrop per minut är begränsat (inte i visningen): se sidhuvudena RateLimit \
                              och RateLimit-Policy. Komprimerade anrop tas inte emot. Webhooks finns inte ännu.";
const LIMITATIONS_EN: &str = "JSON in requests is at most 2 MiB and a batch at most 1,000 items; lists give at most 1,000 \
                              items a page. Requests per minute are limited (not in the demonstration): see the headers \
                              RateLimit and RateLimit-Policy. Compressed requests are not accepted. There are no webhooks yet.";

/// Tag, Swedish, English; in the order in which the work goes.
const TAGS: &[(&str, &str, &str)] = &[
    ("identity", "Inloggning, personer, roller och behörigheter.", "Login, people, roles and permissions."),
    ("reference", "Kommuner, län och kodlistor.", "Kommuner, counties and code lists."),
    ("programmes", "Program med sina datum och inställningar.", "Programmes with their dates and settings."),
    ("applications", "Utlysningens intresseanmälningar.", "Expressions of interest in a call."),
    ("avsiktsforklaringar", "Avsiktsförklaringar och underskrifter.", "Letters of intent and signatures."),
    (
        "selection",
        "Urvalet: förslag, förklaringar, beslut och ersättare.",
        "The selection: proposals, explanations, decision and replacements.",
    ),
    ("team", "Medarbetare och anställningar.", "Participants and employments."),
    ("time", "Tidrapporter.", "Time reports."),
    ("timeEntries", "Tidrader.", "Time entries."),
    ("months", "Månader, undantag och inlämningar.", "Months, exceptions and submissions."),
    ("goals", "Milstolpar och deras underlag.", "Milestones and their evidence."),
    ("oversight", "Framdrift och händelselogg.", "Progress and the audit trail."),
    ("service", "Uppgifter om API:et självt.", "Information about the API itself."),
    ("demo", "Bara i demonstrationen.", "Only in the demonstration."),
];

/// The whole document.
pub fn document(mut paths: Object, components: Object) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": info(),
        "externalDocs": {
            "description": "Dokumentationen med alla operationer. / The documentation with all operations.",
            "url": format!("{EXAMPLE_URL}/docs/"),
        },
        "servers": server(EXAMPLE_URL),
        "tags": tags(&mut paths),
        "paths": paths,
        "components": components,
    })
}

fn info() -> Value {
    json!({
        "title": "samverkan",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Utvecklingsnätverk för samverkan mellan kommuner och sociala företag",
        "description": DESCRIPTION,
        "termsOfService": format!("{EXAMPLE_URL}/docs/"),
        "contact": {
            "name": "Sveriges Kommuner och Regioner, projektledningen för samverkan",
            "url": EXAMPLE_URL,
            "email": "samverkan@example.org",
        },
        // With an address instead of an `identifier`: OpenAPI 3.1 takes only one of them, and the API profile wants this.
        "license": { "name": "European Union Public Licence 1.2 (EUPL-1.2)", "url": "https://eupl.eu/1.2/en/" },
        "x-sla": { "sv": SLA_SV, "en": SLA_EN },
        "x-limitations": { "sv": LIMITATIONS_SV, "en": LIMITATIONS_EN },
    })
}

/// The one server of an installation: a literal address, which the API profile wants.
pub fn server(public_url: &str) -> Value {
    json!([{
        "url": format!("{public_url}{BASE_PATH}"),
        "description": "Denna installation. / This installation.",
    }])
}

/// A description for each tag that is used, in the order of the work.
fn tags(paths: &mut Object) -> Value {
    let of_one = operations(paths).filter_map(|(.., operation)| operation.get("tags")?.as_array());
    let used: BTreeSet<&str> = of_one.flatten().filter_map(Value::as_str).collect();
    let known = TAGS.iter().filter(|(name, ..)| used.contains(name));
    known.map(|(name, sv, en)| json!({ "name": name, "description": both(sv, en) })).collect()
}
