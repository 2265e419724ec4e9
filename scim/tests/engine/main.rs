//! The engine from outside: what a program that uses it as a library can rely on.

mod characteristics;
mod filters;
mod patches;
