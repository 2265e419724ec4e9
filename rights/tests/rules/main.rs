//! The rules from outside: what a program that uses them as a library can rely on.

mod items;
mod scene;
mod stages;
