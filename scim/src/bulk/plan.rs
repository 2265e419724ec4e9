//! In which order operations run, so that each finds what it refers to.

use std::collections::{BTreeSet, HashMap};

use crate::bulk::{Item, Method};

/// The order in which operations run: the given one, but what an operation refers to is made before it. So only a
/// POST ever runs early, and what happens to one resource happens in the order of the request (RFC 7644 §3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Units of one operation, or of several that refer to each other in a circle and so belong together.
    pub units: Vec<Vec<usize>>,
    /// For each operation, those that make what it refers to.
    pub needs: Vec<Vec<usize>>,
}

/// Plans the operations of a request. `holders` are the attributes that refer to resources, in small letters.
pub fn plan(items: &mut [Item], holders: &BTreeSet<String>) -> Plan {
    let names: Vec<Vec<String>> = items.iter_mut().map(|item| item.references(holders)).collect();
    let makers: HashMap<&str, usize> =
        items.iter().enumerate().filter_map(|(at, item)| Some((item.makes()?, at))).collect();
    let needs: Vec<Vec<usize>> = names
        .iter()
        .map(|names| {
            let mut needs: Vec<usize> = names.iter().filter_map(|name| makers.get(name.as_str()).copied()).collect();
            needs.sort_unstable();
            needs
        })
        .collect();
    let mut circles = Circles::new(&needs);
    for at in 0..items.len() {
        circles.visit(at);
    }
    Plan { units: circles.units, needs }
}

impl Item {
    /// The name under which others refer to what it makes.
    pub fn makes(&self) -> Option<&str> {
        let makes = self.operation.as_ref().is_ok_and(|operation| operation.method == Method::Post);
        self.bulk_id.as_deref().filter(|_| makes)
    }

    fn references(&mut self, holders: &BTreeSet<String>) -> Vec<String> {
        self.operation.as_mut().map(|operation| operation.references(holders)).unwrap_or_default()
    }
}

/// Tarjan's strongly connected components, which come out with whatever they need before them.
struct Circles<'a> {
    needs: &'a [Vec<usize>],
    number: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    counter: usize,
    units: Vec<Vec<usize>>,
}

impl<'a> Circles<'a> {
    fn new(needs: &'a [Vec<usize>]) -> Self {
        let count = needs.len();
        Self {
            needs,
            number: vec![None; count],
            low: vec![0; count],
            on_stack: vec![false; count],
            stack: Vec::new(),
            counter: 0,
            units: Vec::new(),
        }
    }

    /// As deep as there are operations, which are bounded.
    fn visit(&mut self, at: usize) {
        if self.number[at].is_some() {
            return;
        }
        let number = self.counter;
        self.counter += 1;
        self.number[at] = Some(number);
        self.low[at] = number;
        self.stack.push(at);
        self.on_stack[at] = true;
        for need in &self.needs[at] {
            self.visit(*need);
            if self.on_stack[*need] {
                self.low[at] = self.low[at].min(self.low[*need]);
            }
        }
        if self.low[at] == number {
            self.close(at);
        }
    }

    fn close(&mut self, root: usize) {
        let from = self.stack.iter().rposition(|at| *at == root).unwrap_or(0);
        let mut unit = self.stack.split_off(from);
        unit.iter().for_each(|at| self.on_stack[*at] = false);
        unit.sort_unstable();
        self.units.push(unit);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::bulk::{REQUEST, request};

    fn planned(operations: Value) -> Vec<Vec<usize>> {
        plan(
            &mut request(json!({ "schemas": [REQUEST], "Operations": operations })).expect("a request").items,
            &BTreeSet::new(),
        )
        .units
    }

    fn post(name: &str, needs: &[&str]) -> Value {
        let members: Vec<Value> = needs.iter().map(|name| json!({ "value": format!("bulkId:{name}") })).collect();
        json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": { "members": members } })
    }

    /// Shows: B-14, B-17
    #[test]
    fn operations_wait_for_what_they_refer_to_and_keep_their_order() {
        let delete = json!({ "method": "DELETE", "path": "/Users/1" });
        let order = planned(json!([post("a", &["c"]), delete, post("b", &[]), post("c", &["b"]), post("d", &[])]));
        assert_eq!(order, [[2], [3], [0], [1], [4]]);
        assert_eq!(planned(json!([post("a", &["unknown"]), post("b", &["a"])])), [[0], [1]]);
    }

    /// Shows: B-15
    #[test]
    fn circles_are_one_unit() {
        let order = planned(json!([
            post("z", &["a"]),
            post("a", &["b"]),
            post("b", &["a", "s"]),
            post("s", &["s"]),
            post("free", &[]),
        ]));
        assert_eq!(order, [vec![3], vec![1, 2], vec![0], vec![4]]);
    }

    /// Shows: B-14, B-15, B-17
    #[test]
    fn whatever_the_request_the_order_of_each_resource_holds() {
        // A linear congruential generator: the same plans in every run.
        let mut state = 7_u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % bound
        };
        for _ in 0..1000 {
            let length = 1 + below(9);
            let operations: Vec<Value> = (0..length)
                .map(|at| {
                    let members: Vec<Value> =
                        (0..below(3)).map(|_| json!({ "value": format!("bulkId:{}", below(length)) })).collect();
                    match below(4) {
                        0 => json!({ "method": "DELETE", "path": format!("/Groups/{}", below(2)) }),
                        1 => json!({ "method": "PATCH", "path": format!("/Groups/bulkId:{}", below(length)),
                                     "data": { "value": members } }),
                        2 => json!({ "method": "PATCH", "path": format!("/Groups/{}", below(2)),
                                     "data": { "value": members } }),
                        _ => json!({ "method": "POST", "path": "/Groups", "bulkId": at.to_string(),
                                     "data": { "members": members } }),
                    }
                })
                .collect();
            let body = json!({ "schemas": [REQUEST], "Operations": operations });
            let mut items = request(body.clone()).expect("a request").items;
            let Plan { units, needs } = plan(&mut items, &BTreeSet::new());
            let mut places = vec![None; length];
            for (place, at) in
                units.iter().enumerate().flat_map(|(place, unit)| unit.iter().map(move |at| (place, *at)))
            {
                assert!(places[at].replace(place).is_none(), "{at} is planned twice: {body}");
            }
            let places: Vec<usize> = places.into_iter().map(|place| place.expect("planned")).collect();
            let moves = |at: &usize| items[*at].makes().is_some();
            for at in 0..length {
                for need in &needs[at] {
                    assert!(places[*need] <= places[at], "{at} runs before {need}, which it needs: {body}");
                    assert!(places[*need] != places[at] || moves(&at), "{at} stands in no circle: {body}");
                }
                for earlier in (0..at).filter(|earlier| !moves(earlier)) {
                    assert!(moves(&at) || places[earlier] < places[at], "{at} overtakes {earlier}: {body}");
                }
                // Nothing but a need is a reason to run early.
                let needed = (0..at).any(|earlier| reaches(&needs, earlier, at));
                assert!(needed || (0..at).all(|earlier| places[earlier] < places[at]), "{at} runs early: {body}");
            }
        }
    }

    fn reaches(needs: &[Vec<usize>], from: usize, to: usize) -> bool {
        let (mut seen, mut stack) = (BTreeSet::from([from]), vec![from]);
        while let Some(at) = stack.pop() {
            stack.extend(needs[at].iter().copied().filter(|need| seen.insert(*need)));
        }
        seen.contains(&to)
    }
}
