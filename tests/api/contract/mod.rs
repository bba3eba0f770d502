//! What holds for every resource at once: the document, the two schemas, the arrows between modules, the tables of
//! states, roles and problems, and what bad input gets. Nothing here names a resource where a table or the OpenAPI
//! document can be walked instead, so a new one is covered once `world` has one of it (a test says so).

mod generated;

mod addresses;
mod architecture;
mod audit;
mod authz;
mod bad_input;
mod concurrency;
mod conventions;
mod crash;
mod indexes;
mod links;
mod lists;
mod openapi;
mod order;
mod problems;
mod raw;
mod readme;
mod schema;
mod steps;
mod storage;
mod tenant_isolation;
mod workflows;
mod world;
