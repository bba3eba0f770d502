//! The macro that tells which other rows a list's rows show something of.

/// The conditions of the rows that show something of another row which was changed at `$since` or later (see `shows` in
/// [`list!`](crate::list)). Each asks for the other row by an index.
#[doc(hidden)]
#[macro_export]
macro_rules! list_beside {
    ($since:ident, $table:ident, $into:ident;) => {};
    // The names of those who took its steps.
    ($since:ident, $table:ident, $into:ident; history; $($rest:tt)*) => {
        {
            use $crate::platform::db::schema::status_changes;
            use $crate::schema::{api_clients, people};
            let by = status_changes::by_id;
            let person = people::table.filter(people::id.nullable().eq(by)).filter(people::updated_at.ge($since));
            let client =
                api_clients::table.filter(api_clients::id.nullable().eq(by)).filter(api_clients::updated_at.ge($since));
            let steps = status_changes::table.filter(status_changes::resource_id.eq($table::id));
            $into.push(Box::new(diesel::dsl::exists(
                steps.filter(diesel::dsl::exists(person).or(diesel::dsl::exists(client))),
            )));
        }
        $crate::list_beside!($since, $table, $into; $($rest)*);
    };
    // What was deleted in its kommun.
    ($since:ident, $table:ident, $into:ident; deleted $of:literal; $($rest:tt)*) => {
        {
            use $crate::platform::audit::deletions;
            use $crate::platform::db::schema::audit_events;
            $into.push(Box::new(diesel::dsl::exists(
                deletions::events(deletions::action($of), $since)
                    .filter(audit_events::programme_id.eq($table::programme_id.nullable()))
                    .filter(audit_events::kommunkod.eq($table::kommunkod.nullable())),
            )));
        }
        $crate::list_beside!($since, $table, $into; $($rest)*);
    };
    ($since:ident, $table:ident, $into:ident; $other:ident.$theirs:ident = $own:ident; $($rest:tt)*) => {
        {
            use $crate::schema::$other;
            $into.push(Box::new(diesel::dsl::exists(
                $other::table
                    .filter($other::$theirs.nullable().eq($table::$own.nullable()))
                    .filter($other::updated_at.ge($since)),
            )));
        }
        $crate::list_beside!($since, $table, $into; $($rest)*);
    };
}
