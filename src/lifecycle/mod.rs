//! What follows where people come, change and leave, and where they are given something: conflicts of duties that are found
//! or foreseen. In the transaction of whoever writes; it knows neither HTTP nor SCIM clients.

pub mod birthright;
pub mod duties;
pub mod everybody;
pub mod moves;
