//! What may be part of what: the municipality of nothing, institutions, agencies and companies of one another, units of
//! anything, and nothing of itself.

use std::collections::HashMap;

use store::{Place, UnitKind};
use uuid::Uuid;

use crate::{
    administration::Fault,
    wording::{Phrase, phrase},
};

/// How many nodes a tenant has at the most.
pub const MAX_UNITS: usize = 5000;
/// How many nodes may lie above one another at the most.
pub const MAX_DEPTH: usize = 16;

/// A tenant's organisation.
#[derive(Clone, Debug, Default)]
pub(in crate::administration) struct Tree(HashMap<Uuid, Place>);

impl Tree {
    /// The tree of these nodes.
    pub(in crate::administration) fn of(places: impl IntoIterator<Item = Place>) -> Self {
        Self(places.into_iter().map(|place| (place.id, place)).collect())
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether something is part of a node.
    pub(super) fn has_parts(&self, id: Uuid) -> bool {
        self.0.values().any(|place| place.parent == Some(id))
    }

    /// Says what is wrong if a node, new or not, is to be in that place.
    pub(super) fn admits(&self, place: Place) -> Result<(), Fault> {
        let depth = self.depth(place)?;
        if depth + self.height(place.id) - 1 > MAX_DEPTH {
            return Err(too_deep());
        }
        let is_smaller = |part: &&Place| part.parent == Some(place.id) && !fits(part.kind, place.kind);
        if self.0.values().any(|part| is_smaller(&part)) {
            return Err(fault("/kind", phrase("holds-larger-units")));
        }
        Ok(())
    }

    /// How deep a node lies, from 1.
    pub(in crate::administration) fn depth(&self, place: Place) -> Result<usize, Fault> {
        let parent = match (place.kind, place.parent) {
            (UnitKind::Municipality, None) => return Ok(1),
            (UnitKind::Municipality, Some(_)) => {
                return Err(fault("/parent", phrase("municipality-stands-alone")));
            }
            (_, None) => return Err(fault("/parent", phrase("must-have-parent"))),
            (_, Some(parent)) => parent,
        };
        let (mut depth, mut above) = (1, Some(parent));
        while let Some(id) = above {
            if id == place.id {
                return Err(fault("/parent", phrase("parent-in-itself")));
            }
            let next = self.0.get(&id).ok_or_else(|| fault("/parent", phrase("none-of-the-units")))?;
            if id == parent && !fits(place.kind, next.kind) {
                return Err(fault("/parent", phrase("parent-is-unit")));
            }
            depth += 1;
            if depth > MAX_DEPTH {
                return Err(too_deep());
            }
            above = next.parent;
        }
        Ok(depth)
    }

    /// How many levels there are from a node downwards, itself included.
    fn height(&self, top: Uuid) -> usize {
        let mut parts: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for place in self.0.values() {
            if let Some(parent) = place.parent {
                parts.entry(parent).or_default().push(place.id);
            }
        }
        let mut height = 0;
        let mut level = vec![top];
        while !level.is_empty() && height <= MAX_DEPTH {
            height += 1;
            level = level.iter().filter_map(|id| parts.get(id)).flatten().copied().collect();
        }
        height
    }
}

/// Whether something of one kind may be part of something of another.
fn fits(part: UnitKind, whole: UnitKind) -> bool {
    part == UnitKind::Unit || whole != UnitKind::Unit
}

fn too_deep() -> Fault {
    fault("/parent", phrase("most-levels").with("most", MAX_DEPTH))
}

fn fault(pointer: &str, reason: Phrase) -> Fault {
    Fault { pointer: pointer.to_owned(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: u128, parent: Option<u128>, kind: UnitKind) -> Place {
        Place { id: Uuid::from_u128(id), parent: parent.map(Uuid::from_u128), kind }
    }

    /// A municipality 1 with a chain of units 2, 3, … of that length.
    fn chain(length: u128) -> Tree {
        let units = (2..2 + length).map(|id| place(id, Some(id - 1), UnitKind::Unit));
        Tree::of(units.chain([place(1, None, UnitKind::Municipality)]))
    }

    #[test]
    fn nothing_is_part_of_itself() {
        let tree = chain(3);
        for parent in [2, 3, 4] {
            let told = tree.admits(place(2, Some(parent), UnitKind::Unit)).expect_err("a circle");
            assert!(told.pointer == "/parent" && told.reason.to_string().contains("within"), "{told:?}");
        }
        assert_eq!(tree.admits(place(4, Some(1), UnitKind::Unit)), Ok(()));
        assert!(tree.admits(place(9, Some(8), UnitKind::Unit)).is_err(), "nobody knows the parent");
    }

    #[test]
    fn what_is_moved_takes_its_parts_along() {
        let mut tree = chain(14);
        assert_eq!(tree.admits(place(99, Some(15), UnitKind::Unit)), Ok(()), "the sixteenth");
        tree.0.insert(Uuid::from_u128(50), place(50, Some(1), UnitKind::Unit));
        assert_eq!(tree.admits(place(50, Some(15), UnitKind::Unit)), Ok(()));
        tree.0.insert(Uuid::from_u128(51), place(51, Some(50), UnitKind::Unit));
        assert_eq!(tree.admits(place(50, Some(15), UnitKind::Unit)), Err(too_deep()));
        assert_eq!(chain(15).admits(place(99, Some(16), UnitKind::Unit)), Err(too_deep()));
    }

    #[test]
    fn kinds_fit() {
        use UnitKind::{Agency, Company, Institution, Municipality, Unit};
        let tree = Tree::of([
            place(1, None, Municipality),
            place(2, Some(1), Institution),
            place(3, Some(2), Company),
            place(4, Some(2), Unit),
        ]);
        for (kind, parent, fits) in [
            (Municipality, None, true),
            (Municipality, Some(1), false),
            (Institution, None, false),
            (Unit, None, false),
            (Agency, Some(1), true),
            (Agency, Some(4), false),
            (Unit, Some(4), true),
        ] {
            assert_eq!(tree.admits(place(9, parent, kind)).is_ok(), fits, "{kind:?} in {parent:?}");
        }
        assert_eq!(tree.admits(place(2, Some(1), Unit)).map_err(|fault| fault.pointer), Err("/kind".into()));
    }
}
