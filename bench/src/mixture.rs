//! What an identity provider asks over a day: it looks people up before it changes them.

use std::sync::Arc;

use hyper::Method;

use crate::{connection::Call, data, floor::Floor, load::Load, scene::Scene};

/// One kind of request in the mixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Find,
    Get,
    Patch,
    Create,
    Members,
}

/// Half filters, a quarter reads, 15 % changes, 5 % new people, 5 % changes of members; well shuffled, and the same
/// every time.
const PATTERN: [Kind; 20] = {
    use Kind::{Create, Find, Get, Members, Patch};
    [
        Find, Get, Find, Patch, Find, Get, Find, Find, Members, Get, //
        Find, Patch, Find, Get, Find, Create, Find, Get, Patch, Find,
    ]
};

/// The mixture for a tenant.
pub(crate) fn of(scene: &Scene) -> Load {
    let (target, users) = (scene.target.clone(), Arc::clone(&scene.users));
    let (spare, group) = (Arc::clone(&scene.spare_of_many), scene.largest_group().map(|group| group.id.clone()));
    let of_user = move |n: usize| -> usize { data::scatter(n, users.len()) };
    let users = Arc::clone(&scene.users);
    Load::new(move |n| {
        let number = of_user(n);
        let (kind, turn) = (PATTERN[n % PATTERN.len()], n / PATTERN.len());
        match (kind, &group) {
            (Kind::Members, Some(group)) => {
                target.call(Method::PATCH, format!("/Groups/{group}"), data::member_change(&spare, turn))
            }
            (Kind::Patch, _) => target.call(Method::PATCH, format!("/Users/{}", users[number]), data::renaming(n)),
            (Kind::Create, _) => {
                let user = data::user(&format!("mixed-{n}@bench.example"), n);
                target.call(Method::POST, "/Users".into(), user.to_string())
            }
            (Kind::Find, _) if turn.is_multiple_of(2) => {
                target.get(data::query(&format!("userName eq \"{}\"", data::name_of(number))))
            }
            (Kind::Find, _) => {
                let external_id = data::external_id(&data::name_of(number), number);
                target.get(data::query(&format!("externalId eq \"{external_id}\"")))
            }
            (Kind::Get | Kind::Members, _) => target.get(format!("/Users/{}", users[number])),
        }
    })
}

/// The same mixture of the floor's requests.
pub(crate) fn of_floor(floor: &Floor) -> Load {
    let (read, touch, insert) = (floor.document(), floor.touch(), floor.insert());
    let documents = floor.documents;
    Load::new(move |n| -> Call {
        match PATTERN[n % PATTERN.len()] {
            Kind::Find | Kind::Get => read(n),
            Kind::Patch | Kind::Members => touch(data::scatter(n, documents)),
            Kind::Create => insert(n),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_as_promised() {
        let share = |kind| PATTERN.iter().filter(|other| **other == kind).count() * 100 / PATTERN.len();
        let shares = [Kind::Find, Kind::Get, Kind::Patch, Kind::Create, Kind::Members].map(share);
        assert_eq!(shares, [50, 25, 15, 5, 5]);
    }
}
