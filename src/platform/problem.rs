//! Problems (RFC 9457): the answers to refused requests. One table has all codes with their status and texts. Answers,
//! `/problems/{code}`, OpenAPI and `docs/generated/problems.md` are made from it.

use std::fmt;

use serde_json::{Map, Value, json};

pub use crate::platform::field_error::{FieldError, sorted};
use crate::platform::text::{Language, Localized};

macro_rules! problem_codes {
    ($($name:ident $code:literal $status:literal $sv:literal $en:literal $help_sv:literal $help_en:literal;)*) => {
        /// All problems of the API. The codes are stable; the texts may change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $help_en] $name,)*
        }

        impl Code {
            /// All codes, in the order of the table: by status.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// The title. It is the same for every occurrence.
            pub const fn title(self) -> Localized {
                match self { $(Code::$name => Localized::fixed($sv, $en),)* }
            }

            /// What the problem means and what the client can do.
            pub const fn help(self) -> Localized {
                match self { $(Code::$name => Localized::fixed($help_sv, $help_en),)* }
            }
        }
    };
}

problem_codes! {
    MalformedJson "malformedJson" 400 "Innehållet är inte giltig JSON" "The body is not valid JSON"
        "Rätta syntaxen; felet anges med rad och kolumn. Dubbla nycklar och styrtecken godtas inte."
        "Correct the syntax; detail gives the line and column of the error. Duplicate keys and control characters are not accepted.";
    InvalidBody "invalidBody" 400 "Innehållet har fel form" "The body has the wrong shape"
        "Varje okänt fält och varje värde av fel typ anges i errors."
        "errors lists every unknown field and every value of the wrong type.";
    InvalidQuery "invalidQuery" 400 "Okänd eller felaktig parameter" "Unknown or invalid parameter"
        "Varje felaktig parameter anges i errors, med de kända namnen."
        "errors lists every invalid parameter, with the known names.";
    InvalidHeader "invalidHeader" 400 "Felaktigt sidhuvud" "Invalid header"
        "Ett sidhuvud i anropet har ett värde som inte kan tolkas."
        "A request header has a value that cannot be parsed.";
    InvalidGrant "invalidGrant" 400 "Inloggningen godtas inte" "The grant is not valid"
        "Användarnamn, lösenord eller förnyelsetoken är fel, använt eller återkallat."
        "The user name, password or refresh token is wrong, already used or revoked.";
    InvalidTokenRequest "invalidTokenRequest" 400 "Felaktig tokenbegäran" "Invalid token request"
        "Begäran om token saknar ett fält, upprepar ett, eller anger en okänd grant_type."
        "The token request lacks a field, repeats a field, or has an unknown grant_type.";
    Unauthenticated "unauthenticated" 401 "Inloggning krävs" "Authentication is required"
        "Skicka en giltig åtkomsttoken: Authorization: Bearer … Den kan ha gått ut eller återkallats."
        "Send a valid access token: Authorization: Bearer … It may have expired or been revoked.";
    InvalidClient "invalidClient" 401 "Klienten godtas inte" "The client is not valid"
        "Klientens id eller hemlighet är fel, eller klienten är avstängd."
        "The client's id or secret is wrong, or the client is disabled.";
    Forbidden "forbidden" 403 "Rollen saknar behörighet" "The role lacks this permission"
        "Ingen av dina roller får göra detta; detail nämner vilka roller som får."
        "None of your roles allows this; detail lists the roles that do.";
    NotYours "notYours" 403 "Inte för just detta" "Not allowed for this resource"
        "Du ser resursen men får inte göra detta med den; detail nämner vad som saknas."
        "You may see the resource, but you may not do this with it; detail tells what is missing.";
    OwnWork "ownWork" 403 "Ingen godkänner sitt eget arbete" "Nobody approves their own work"
        "En annan person med rätt roll måste göra detta."
        "Another person with the right role must do this.";
    OriginNotAllowed "originNotAllowed" 403 "Ursprunget är inte tillåtet" "The origin is not allowed"
        "En webbläsare får anropa bara från de ursprung som driften har angett."
        "Browsers may call the API only from the origins that the operator has configured.";
    NotFound "notFound" 404 "Finns inte" "Not found"
        "Resursen finns inte, eller så får du inte se den."
        "The resource does not exist, or you may not see it.";
    MethodNotAllowed "methodNotAllowed" 405 "Metoden finns inte här" "Method not allowed"
        "Sidhuvudet Allow nämner metoderna som finns."
        "The Allow header lists the allowed methods.";
    BodyTooSlow "bodyTooSlow" 408 "Innehållet kom för långsamt" "The body arrived too slowly"
        "Hela innehållet ska komma inom 30 sekunder."
        "The whole body must arrive within 30 seconds.";
    TransitionNotAllowed "transitionNotAllowed" 409 "Tillståndet medger inte detta" "The state does not allow this"
        "currentStatus är det nuvarande tillståndet och allowedTransitions vad som är möjligt."
        "currentStatus is the current state; allowedTransitions lists what is possible.";
    StateConflict "stateConflict" 409 "Strider mot tillståndet" "Conflict with the current state"
        "Något som detta bygger på är inte i rätt tillstånd; errors nämner vad."
        "Something that this request depends on is in the wrong state; errors tells what.";
    VerificationRunning "verificationRunning" 409 "En prövning pågår" "A verification is running"
        "Din förra prövning pågår ännu; för granskningsspåret visar /audit-events/verification/progress hur långt den har kommit."
        "Your earlier verification is still running; for the audit trail, /audit-events/verification/progress shows how far it is.";
    AlreadyExists "alreadyExists" 409 "Finns redan" "Already exists"
        "Det finns redan en sådan; detail nämner vad som måste vara unikt."
        "Such a resource already exists; detail tells what must be unique.";
    DeadlinePassed "deadlinePassed" 409 "Tiden har gått ut" "The deadline has passed"
        "Sista dagen har passerat; kontakta SKR:s projektledare."
        "The deadline has passed; contact SKR's programme manager.";
    CallNotOpen "callNotOpen" 409 "Utlysningen är inte öppen" "The call is not open"
        "Intresse kan anmälas mellan opensAt och interestDeadline."
        "Interest can be expressed between opensAt and interestDeadline.";
    SettingsIncomplete "settingsIncomplete" 409 "Inställningarna är inte fullständiga" "The settings are incomplete"
        "Varje inställning som saknas anges i errors."
        "errors lists every missing setting.";
    NotEnoughPlaces "notEnoughPlaces" 409 "Platserna räcker inte" "There are not enough places"
        "Fler kvalificerade än platser: ett urval behövs."
        "There are more qualified applications than places: a selection is needed.";
    PoolChanged "poolChanged" 409 "De kvalificerade har ändrats" "The pool has changed"
        "En utvald kommun har lämnat, en ny har kommit eller någon har ändrat sina uppgifter: gör ett beräknat förslag till utkast, eller dra tillbaka ett som är föreslaget eller antaget och gör ett nytt, och beräkna. left, joined och changed nämner dem."
        "A chosen kommun has left, another one has come, or one has changed its facts: make a computed proposal a draft, or withdraw one that is proposed or adopted and make a new one, and compute it. left, joined and changed name them.";
    ComputationRunning "computationRunning" 409 "En beräkning pågår" "A computation is running"
        "Vänta tills den är klar (computation visar hur långt den har kommit) eller avbryt den: to: draft."
        "Wait until it has ended (computation shows how far it is), or cancel it: to: draft.";
    TextChanged "textChanged" 409 "Texten har ändrats" "The text has changed"
        "Läs den nuvarande texten och underteckna dess sha256."
        "Read the current text and sign its sha256.";
    AlreadySigned "alreadySigned" 409 "Redan undertecknad" "Already signed"
        "Denna person eller roll har redan undertecknat denna text."
        "This person or role has already signed this text.";
    MonthClosed "monthClosed" 409 "Månaden är stängd" "The month is closed"
        "Månadens tid är förbi (graceEndsAt). Är rapporten återsänd kan personen själv rätta den till editableUntil; annars: be SKR:s \
         projektledare om ett månadsundantag (POST /month-exceptions) och försök igen. Attest, inlämning och godkännande går som vanligt."
        "The month's time is over (graceEndsAt). If the report was returned, its person can correct it until editableUntil; \
         otherwise ask SKR's programme manager for a month exception (POST /month-exceptions) and try again. Attest, submission and \
         approval go on as usual.";
    ReportSigned "reportSigned" 409 "Tidrapporten är undertecknad" "The time report is signed"
        "Återkalla eller få tillbaka rapporten innan rader ändras."
        "Recall the report, or have it returned, before you change its entries.";
    EntriesIncomplete "entriesIncomplete" 409 "Tidrader är inte klara" "Time entries are not complete"
        "Varje föreslagen rad och rad utan beskrivning anges i errors."
        "errors lists every proposed entry and every entry without a description.";
    NothingToSubmit "nothingToSubmit" 409 "Inget att lämna in" "Nothing to submit"
        "Ingen rapport för månaden är attesterad och klar att lämna in."
        "No report for the month is attested and ready to submit.";
    IdempotencyKeyInUse "idempotencyKeyInUse" 409 "Nyckeln används just nu" "The key is in use"
        "Ett anrop med samma Idempotency-Key pågår; försök igen strax."
        "A request with the same Idempotency-Key is in progress; try again shortly.";
    LinkInvalid "linkInvalid" 410 "Länken gäller inte" "The link is not valid"
        "Länken är använd, utgången eller felaktig; be om en ny."
        "The link has been used, has expired or is wrong; ask for a new one.";
    VersionMismatch "versionMismatch" 412 "Har ändrats av någon annan" "Changed by somebody else"
        "Läs resursen igen och ange dess nya version: i If-Match, eller i en batch som version."
        "Read the resource again and name its new version: in If-Match, or in a batch as version.";
    BodyTooLarge "bodyTooLarge" 413 "Innehållet är för stort" "The body is too large"
        "Gränsen är 2 MiB för JSON."
        "The limit is 2 MiB for JSON.";
    UnsupportedMediaType "unsupportedMediaType" 415 "Medietypen stöds inte" "Unsupported media type"
        "Skicka application/json, okomprimerat; detail nämner vad som godtas."
        "Send application/json, uncompressed; detail tells what is accepted.";
    InvalidInput "invalidInput" 422 "Uppgifterna bryter mot en regel" "The input breaks a rule"
        "Varje fel anges i errors med sökväg och kod."
        "errors lists every error with its pointer and code.";
    DailyHoursExceeded "dailyHoursExceeded" 422 "Mer än ett dygn" "More than 24 hours in a day"
        "En person kan inte arbeta mer än 24 timmar på en dag, alla program sammanräknade."
        "A person cannot work more than 24 hours a day, counting all programmes.";
    DailyCapExceeded "dailyCapExceeded" 422 "Över dagens tak" "Above the daily cap"
        "Programmets tak för timmar per dag överskrids."
        "The programme's cap on hours per day is exceeded.";
    IdempotencyKeyReused "idempotencyKeyReused" 422 "Nyckeln är använd till annat" "The key was used for another request"
        "Samma Idempotency-Key har använts med ett annat innehåll; ta en ny nyckel."
        "The same Idempotency-Key was used with another body; use a new key.";
    FailedDependency "failedDependency" 424 "En annan post misslyckades" "Another item failed"
        "Anropet är atomic: inget av det sparades. Rätta posterna med andra problem och skicka alla igen."
        "The request is atomic: nothing was saved. Correct the items that have other problems and send all items again.";
    PreconditionRequired "preconditionRequired" 428 "Det lästa måste anges" "What was read must be named"
        "Läs resursen och skicka dess ETag, eller bara dess version inom citattecken, i If-Match, så att ingen annans ändring går förlorad."
        "Read the resource and send its ETag, or only its version in quotation marks, in If-Match, so that nobody else's change is lost.";
    TooManyRequests "tooManyRequests" 429 "För många anrop" "Too many requests"
        "Vänta så länge som Retry-After säger."
        "Wait for the time that Retry-After gives.";
    KeptAnswersFull "keptAnswersFull" 429 "För mycket är sparat" "Too much is kept"
        "Svaren på dina Idempotency-Key sparas i 24 timmar och tar för mycket plats; ta ingen ny nyckel före Retry-After."
        "The answers to your Idempotency-Keys are kept for 24 hours and take too much room; use no new key before Retry-After.";
    LoginLocked "loginLocked" 429 "Inloggningen är spärrad en stund" "Login is temporarily locked"
        "För många misslyckade försök; vänta så länge som Retry-After säger eller återställ lösenordet."
        "Too many failed attempts; wait for the time that Retry-After gives, or reset the password.";
    TooMuchMail "tooMuchMail" 429 "För mycket e-post" "Too much mail"
        "Så mycket e-post får inte orsakas på en gång: till en adress, av en person eller av en kommun. Inget är sparat; vänta så länge som Retry-After säger."
        "So much mail may not be caused at once: to one address, by one person, or by one kommun. Nothing is saved; wait for the time that Retry-After gives.";
    InternalError "internalError" 500 "Internt fel" "Internal error"
        "Felet är loggat; ange traceId när du kontaktar driften."
        "The error is logged; give the traceId when you contact the operator.";
    Overloaded "overloaded" 503 "Överbelastad" "Overloaded"
        "Försök igen efter den tid som Retry-After säger."
        "Try again after the time that Retry-After gives.";
    DatabaseUnavailable "databaseUnavailable" 503 "Databasen svarar inte" "The database does not answer"
        "Inget har sparats, om inte detail säger annat; försök igen efter den tid som Retry-After säger."
        "Nothing was saved unless detail says otherwise; try again after the time that Retry-After gives.";
    StorageFull "storageFull" 507 "Lagringen är full" "The storage is full"
        "Inget har sparats; driften måste frigöra utrymme."
        "Nothing was saved; the operator must free space.";
}

impl Code {
    /// The code with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// Refuses with this code if there are any errors, and lists them: those of a body in the order of their pointers, which is the
    /// same for one thing and for an item of a batch.
    pub fn refuse_any(self, errors: Vec<FieldError>) -> Result<(), Problem> {
        if errors.is_empty() {
            return Ok(());
        }
        let errors = if self == Self::InvalidInput { sorted(errors) } else { errors };
        Err(Problem::new(self).errors(errors))
    }
}

/// A refusal. `internal` is only for the log and is never sent to the client.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The code.
    pub code: Code,
    /// Text about this occurrence.
    pub detail: Option<Localized>,
    /// All errors that one stage of checks has found.
    pub errors: Vec<FieldError>,
    /// Further members of the answer (`currentStatus` of the resource, `allowedTransitions`); none can
    /// replace a member that RFC 9457 defines.
    pub members: Map<String, Value>,
    /// When to try again, in seconds, sent as `Retry-After`.
    pub retry_after: Option<u64>,
    /// Text for the log only.
    pub internal: Option<String>,
    /// Whether the transaction may be retried (deadlock, serialization failure, connection lost before the commit).
    pub(crate) transient: bool,
}

impl Problem {
    /// A problem with this code and nothing else.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            members: Map::new(),
            retry_after: None,
            internal: None,
            transient: false,
        }
    }

    /// Adds a text about this occurrence.
    pub fn detail(mut self, sv: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Some(Localized::new(sv, en));
        self
    }

    /// Adds the errors.
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Adds a member to the answer.
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the time after which to try again, in seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds a text for the log only.
    pub fn logged(mut self, what: impl fmt::Display) -> Self {
        self.internal = Some(what.to_string());
        self
    }

    /// 404: the same for a resource that does not exist and one that the caller may not see.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// A bug in the program: 500, with a text for the log only.
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::new(Code::InternalError).logged(what)
    }

    /// The problem as a JSON document for one request.
    pub fn document(&self, language: Language, base: &str, instance: &str, trace_id: &str) -> Value {
        let help = self.code.help();
        let mut document = json!({
            "type": format!("{base}/problems/{}", self.code.as_str()),
            "title": self.code.title().get(language),
            "status": self.code.status(),
            "detail": self.detail.as_ref().unwrap_or(&help).get(language),
            "instance": uri_reference(instance),
            "code": self.code.as_str(),
            "traceId": trace_id,
        });
        if let Some(members) = document.as_object_mut() {
            if !self.errors.is_empty() {
                let errors = self.errors.iter().map(|fault| {
                    json!({"pointer": fault.pointer, "code": fault.code, "detail": fault.detail.get(language)})
                });
                members.insert("errors".to_owned(), errors.collect());
            }
            for (name, value) in &self.members {
                members.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        document
    }
}

/// Makes a path a valid URI reference (RFC 3986): other characters are percent-encoded, as the client should have done.
fn uri_reference(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.status(), self.code.as_str())?;
        for fault in &self.errors {
            write!(f, " [{} {}: {}]", fault.pointer, fault.code, fault.detail.en)?;
        }
        match (&self.detail, &self.internal) {
            (_, Some(internal)) => write!(f, ": {internal}"),
            (Some(detail), None) => write!(f, ": {}", detail.en),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_camel_case_and_ordered_by_status() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_alphanumeric())));
        assert!(Code::ALL.is_sorted_by_key(|code| code.status()));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn a_member_cannot_replace_a_standard_member() {
        let problem =
            Problem::new(Code::StateConflict).member("status", "draft").member("currentStatus", "draft");
        let document = problem.document(Language::En, "", "/x", "t");
        assert_eq!(
            (document["status"].as_u64(), document["currentStatus"].as_str()),
            (Some(409), Some("draft"))
        );
    }

    #[test]
    fn the_instance_is_always_a_valid_uri() {
        let document = Problem::not_found().document(Language::En, "", "/x/{id}/å%20", "t");
        assert_eq!(document["instance"], "/x/%7Bid%7D/%C3%A5%20");
    }

    #[test]
    fn internal_text_is_not_in_the_document() {
        let document = Problem::internal("password=hunter2").document(Language::En, "", "/x", "t");
        assert!(!document.to_string().contains("hunter2"));
        assert_eq!(document["code"], "internalError");
    }
}
