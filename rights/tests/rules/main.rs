//! The rules from outside: what a program that uses them as a library can rely on.

mod asking;
mod birthrights;
mod conflicts;
mod deputies;
mod emergencies;
mod grants;
mod items;
mod people;
mod questions;
mod reviews;
mod roles;
mod scene;
mod sequences;
mod silence;
mod stages;
mod working_time;
