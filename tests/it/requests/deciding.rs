//! `/t/{tenant}/api/v1/request-items`
