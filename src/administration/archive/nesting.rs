//! Groups in groups: none may be in itself, however far the way.

use std::collections::HashMap;

use uuid::Uuid;

/// The memberships of groups in groups, which are few, with the lines on which they stand.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    edges: Vec<(Uuid, Uuid, u64)>,
}

impl Nesting {
    pub(super) fn add(&mut self, group: Uuid, member: Uuid, line: u64) {
        self.edges.push((group, member, line));
    }

    /// The line of a membership that closes a circle.
    pub(super) fn circle(mut self) -> Option<u64> {
        // Groups that are in no other go first, and with them what they hold; what is left stands in circles or below.
        let mut holders: HashMap<Uuid, usize> = HashMap::new();
        for (group, member, _) in &self.edges {
            holders.entry(*group).or_default();
            *holders.entry(*member).or_default() += 1;
        }
        self.edges.sort_unstable();
        let mut free: Vec<Uuid> = holders.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
        while let Some(group) = free.pop() {
            holders.remove(&group);
            let first = self.edges.partition_point(|(other, ..)| *other < group);
            for (_, member, _) in self.edges[first..].iter().take_while(|(other, ..)| *other == group) {
                if let Some(count) = holders.get_mut(member) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(*member);
                    }
                }
            }
        }
        let left =
            |(group, member, _): &&(Uuid, Uuid, u64)| holders.contains_key(group) && holders.contains_key(member);
        self.edges.iter().filter(left).map(|(.., line)| *line).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(edges: &[(u128, u128)]) -> Option<u64> {
        let mut nesting = Nesting::default();
        for (line, (group, member)) in (1..).zip(edges) {
            nesting.add(Uuid::from_u128(*group), Uuid::from_u128(*member), line);
        }
        nesting.circle()
    }

    #[test]
    fn circles_are_found() {
        assert_eq!(circle(&[]), None);
        assert_eq!(circle(&[(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)]), None);
        assert_eq!(circle(&[(1, 1)]), Some(1));
        assert_eq!(circle(&[(1, 2), (2, 3), (3, 2)]), Some(3));
        assert_eq!(circle(&[(3, 1), (1, 2), (2, 3), (9, 1)]), Some(3));
    }
}
