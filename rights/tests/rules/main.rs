//! The rules from outside: what a program that uses them as a library can rely on.

mod grants;
mod items;
mod scene;
mod sequences;
mod silence;
mod stages;
