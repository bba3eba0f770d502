//! `/people/{personId}/role-assignments`.
