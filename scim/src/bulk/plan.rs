//! In which order operations run, so that each finds what it refers to.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
};

use crate::bulk::{Item, Method};

/// The order in which operations run. An operation waits for those that make what it refers to; all others keep
/// their order.
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
        .map(|names| names.iter().filter_map(|name| makers.get(name.as_str()).copied()).collect())
        .collect();
    let mut units: Vec<Vec<usize>> = Vec::with_capacity(items.len());
    let mut waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
    for (at, needs) in needs.iter().enumerate() {
        needs.iter().for_each(|need| needed_by[*need].push(at));
    }
    let mut ready: BinaryHeap<Reverse<usize>> = (0..items.len()).filter(|at| waiting[*at] == 0).map(Reverse).collect();
    let mut planned = vec![false; items.len()];
    while let Some(Reverse(at)) = ready.pop() {
        units.push(vec![at]);
        planned[at] = true;
        for other in &needed_by[at] {
            waiting[*other] -= 1;
            if waiting[*other] == 0 {
                ready.push(Reverse(*other));
            }
        }
    }
    // What is left stands in a circle or behind one.
    let mut circles = Circles::new(&needs, &planned);
    for at in 0..items.len() {
        circles.visit(at);
    }
    units.append(&mut circles.units);
    Plan { units, needs }
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
    planned: &'a [bool],
    number: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    counter: usize,
    units: Vec<Vec<usize>>,
}

impl<'a> Circles<'a> {
    fn new(needs: &'a [Vec<usize>], planned: &'a [bool]) -> Self {
        let count = needs.len();
        Self {
            needs,
            planned,
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
        if self.planned[at] || self.number[at].is_some() {
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
        assert_eq!(order, [[1], [2], [3], [0], [4]]);
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
        assert_eq!(order, [vec![4], vec![3], vec![1, 2], vec![0]]);
    }
}
