//! The answer with a page of a list: its items, its place in the list, and links to the pages around it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Linked, ListMeta, ListQuery, Listing, Rows};
use crate::platform::context::{BASE_PATH, Context, RowLinks};
use crate::platform::http::answer::{Answer, Link, USUAL_BYTES};
use crate::platform::problem::Problem;

impl Answer {
    /// 200 with a page of a list. `represent` gets a context whose links are those that the request asks for.
    pub fn list<R, T: Serialize + Linked>(
        ctx: &Context,
        list: &ListQuery,
        rows: Rows<R>,
        mut represent: impl FnMut(&Context, R) -> Result<T, Problem>,
    ) -> Result<Self, Problem> {
        // The addresses of links that nobody asked for are not made.
        let lean = Context { links: list.links, ..ctx.clone() };
        let shown = |row| represent(&lean, row).map(|row| only(list.links, row));
        let items = rows.rows.into_iter().map(shown).collect::<Result<Vec<T>, Problem>>()?;
        let is_cursor = list.cursor.is_some();
        let meta = ListMeta {
            total_records: rows.total,
            page: (!is_cursor).then_some(list.page),
            limit: list.limit,
            count: items.len(),
            next_cursor: rows.next_cursor,
            counts_by_status: rows.counts.map(|counts| counts.0),
            synced_to: rows.sync.as_ref().map(|sync| sync.synced_to),
            deleted: rows.sync.and_then(|sync| sync.deleted_within(&ctx.scope)),
        };
        let links = links(ctx, list, &meta);
        if list.fields.is_empty() {
            let bytes = (items.len() + 1) * USUAL_BYTES;
            return Ok(Self::sized(&Listing { items, meta, links }, bytes)?.tagged());
        }
        let items = items.iter().map(|item| sparse(item, &list.fields)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::json(&json!({"items": items, "_meta": meta, "_links": links}))?.tagged())
    }
}

/// A row with only these links.
fn only<T: Linked>(wanted: RowLinks, mut row: T) -> T {
    if let Some(links) = row.links() {
        links.retain(|link| wanted.has(link.rel));
    }
    row
}

/// Only the requested fields of an item.
fn sparse<T: Serialize>(item: &T, fields: &[String]) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(item).map_err(Problem::internal)? {
        Value::Object(members) => Ok(members.into_iter().filter(|(name, _)| fields.contains(name)).collect()),
        _ => Err(Problem::internal("a list item is not an object")),
    }
}

fn links(ctx: &Context, list: &ListQuery, meta: &ListMeta) -> Vec<Link> {
    let link = |rel: &'static str, name: &str, value: String| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(list.sent.iter().filter(|(sent, _)| sent != name));
        query.append_pair(name, &value);
        Link::new(ctx, "GET", rel, format_args!("{}?{}", list.path, query.finish()))
    };
    let Some(page) = meta.page else {
        let own = list.sent.iter().find(|(name, _)| name == "cursor").map(|(_, value)| value.clone());
        let next = meta.next_cursor.iter().map(|next| link("next", "cursor", next.clone()));
        return own.map(|own| link("self", "cursor", own)).into_iter().chain(next).collect();
    };
    let mut links = vec![link("self", "page", page.to_string()), link("first", "page", "1".to_owned())];
    let last = meta.total_records.map_or(page, |total| ((total + meta.limit - 1) / meta.limit).max(1));
    // From a page beyond the end, `prev` leads to the last page.
    links.extend((page > 1).then(|| link("prev", "page", (page - 1).min(last).to_string())));
    links.extend((page < last).then(|| link("next", "page", (page + 1).to_string())));
    links.push(link("last", "page", last.to_string()));
    links
}

/// A link to the request itself: its path, with these parameters.
pub fn link_to_self(ctx: &Context, sent: &[(String, String)]) -> Link {
    let path = ctx.request.path.strip_prefix(BASE_PATH).unwrap_or(&ctx.request.path);
    if sent.is_empty() {
        return Link::to_self(ctx, path);
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish();
    Link::to_self(ctx, format_args!("{path}?{query}"))
}
