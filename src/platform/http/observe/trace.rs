//! The trace of a request across systems (W3C Trace Context). The caller's trace id is kept, so that its log and ours
//! can be matched; without a valid one, a new trace begins here.

use crate::platform::ids::{Ids, hex};

/// The trace that a request belongs to, and the request's span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// 32 hex digits.
    pub id: String,
    /// 16 hex digits, unique to this request.
    span: String,
    /// 2 hex digits; passes on whether the caller records the trace.
    flags: String,
}

impl Trace {
    /// The trace named by a `traceparent` header, or a new one.
    pub fn of(traceparent: Option<&str>, ids: &Ids) -> Self {
        let fresh = hex(&ids.bytes::<24>());
        let (new_id, span) = fresh.split_at_checked(32).unwrap_or_default();
        let (id, flags) = traceparent.and_then(read).unwrap_or((new_id, "00"));
        Self { id: id.to_owned(), span: span.to_owned(), flags: flags.to_owned() }
    }

    /// The `traceparent` header of the answer.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{}", self.id, self.span, self.flags)
    }
}

/// Trace id and flags. A later version of the standard may add fields after these; version `ff` is not allowed.
fn read(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.trim().splitn(5, '-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let has_more = parts.next().is_some();
    let is_valid = is_hex(version, 2)
        && version != "ff"
        && is_hex(id, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && is_not_zero(id)
        && is_not_zero(parent)
        && (version != "00" || !has_more);
    is_valid.then_some((id, flags))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_not_zero(text: &str) -> bool {
    text.bytes().any(|byte| byte != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_valid_trace_is_continued_with_a_new_span() {
        let trace = Trace::of(Some(&format!("00-{GIVEN}-00f067aa0ba902b7-01")), &Ids::seeded(1));
        assert_eq!(trace.id, GIVEN);
        assert!(trace.traceparent().starts_with(&format!("00-{GIVEN}-")));
        assert!(trace.traceparent().ends_with("-01"));
        assert!(!trace.traceparent().contains("00f067aa0ba902b7"));
    }

    #[test]
    fn an_invalid_header_begins_a_new_trace() {
        let later = format!("01-{GIVEN}-00f067aa0ba902b7-01-more");
        assert_eq!(Trace::of(Some(&later), &Ids::seeded(1)).id, GIVEN);
        for header in [
            "",
            "nonsense",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            let trace = Trace::of(Some(header), &Ids::seeded(1));
            assert_ne!(trace.id, GIVEN, "{header}");
            assert!(is_hex(&trace.id, 32) && read(&trace.traceparent()).is_some());
        }
    }
}
