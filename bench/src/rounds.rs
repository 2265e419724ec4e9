//! The rounds of a run: every scenario once in each, and its floor right after it.

use std::time::Duration;

use crate::{
    Outcome,
    database::Database,
    figures::{self, Figures},
    floor::Floor,
    load::{self, Load},
    options::Run,
    page::Row,
    run::Subject,
    scenario::{CROWD, Crowd, Programme, Scenario, Setting},
};

/// What the rounds came to.
pub(crate) struct Measured {
    pub(crate) rows: Vec<Row>,
    /// The floor's answer of a few bytes.
    pub(crate) fixed: Option<Figures>,
    /// What was not measured, and why.
    pub(crate) left_out: Vec<String>,
}

impl Subject<'_> {
    /// Measures everything that is wanted and can be done here.
    pub(crate) async fn rounds(&self, run: &Run, setting: &Setting<'_>) -> Outcome<Measured> {
        let (mut trials, left_out) = self.trials(run, setting).await?;
        let time = Duration::from_secs(run.seconds);
        let connections = usize::from(run.connections);
        let mut fixed = Vec::new();
        for round in 1..=run.rounds {
            if let Some(floor) = setting.floor {
                fixed.push(measure_floor(floor, &Load::new(floor.fixed()), connections, time).await?);
            }
            for trial in &mut trials {
                eprintln!("{}: round {round} of {}, {}.", self.name, run.rounds, trial.scenario.name);
                trial.ours.push(self.measure_once(&trial.scenario, connections, time).await?);
                if let Some((floor, load)) = setting.floor.zip(trial.scenario.floor.as_ref()) {
                    let connections = trial.scenario.connections(connections);
                    trial.floors.push(measure_floor(floor, load, connections, time).await?);
                }
            }
        }
        let fixed = (!fixed.is_empty()).then(|| Figures::median(&fixed));
        let database = self.database.map(Database::title);
        Ok(Measured { rows: trials.into_iter().map(|trial| trial.row(database)).collect(), fixed, left_out })
    }

    /// The scenarios whose answers look right. From our own server nothing else is accepted.
    async fn trials(&self, run: &Run, setting: &Setting<'_>) -> Outcome<(Vec<Trial>, Vec<String>)> {
        let Programme { scenarios, left_out } = setting.programme();
        let wanted = left_out.into_iter().filter(|(key, _)| run.wants(key));
        let mut left_out: Vec<String> = wanted.map(|(_, why)| why).collect();
        let mut trials = Vec::new();
        for scenario in scenarios.into_iter().filter(|scenario| run.wants(scenario.key)) {
            match scenario.try_once(self.target).await {
                Ok(()) => trials.push(Trial { scenario, ours: Vec::new(), floors: Vec::new() }),
                Err(error) if self.database.is_none() => left_out.push(format!("{}: {error}", scenario.name)),
                Err(error) => return Err(format!("{}: {error}", scenario.name).into()),
            }
        }
        Ok((trials, left_out))
    }

    async fn measure_once(&self, scenario: &Scenario, connections: usize, time: Duration) -> Outcome<Figures> {
        let connections = scenario.connections(connections);
        match &scenario.crowd {
            Crowd::Usual | Crowd::Large => {
                load::measure(&scenario.load, self.target, self.meter, connections, time).await
            }
            Crowd::Alone(target) => load::measure_alone(&scenario.load, target, time).await,
            Crowd::Beside(target, flood) => {
                load::measure_beside(&scenario.load, target, (flood, self.target, CROWD), time).await
            }
        }
    }
}

async fn measure_floor(floor: &Floor, load: &Load, connections: usize, time: Duration) -> Outcome<Figures> {
    load::measure(load, &floor.target, Some(&floor.meter), connections, time).await
}

/// A scenario and what its rounds came to.
struct Trial {
    scenario: Scenario,
    ours: Vec<Figures>,
    floors: Vec<Figures>,
}

impl Trial {
    /// Goals are ours: other servers have promised nothing.
    fn row(self, database: Option<&str>) -> Row {
        let Self { scenario, ours, floors } = self;
        let pairs: Vec<(Figures, Figures)> = ours.iter().copied().zip(floors.iter().copied()).collect();
        Row {
            key: scenario.key,
            name: scenario.name,
            size: scenario.size,
            figures: Figures::median(&ours),
            floor: (!floors.is_empty()).then(|| Figures::median(&floors)),
            ratio: figures::ratio(&pairs),
            goal: scenario.goal.zip(database).map(|(goal, database)| goal.ratio(database)),
            flat: scenario.goal.is_some_and(|goal| goal.flat),
        }
    }
}

impl Scenario {
    /// How many connections send its requests.
    fn connections(&self, usual: usize) -> usize {
        match self.crowd {
            Crowd::Usual => usual,
            Crowd::Large => CROWD,
            Crowd::Alone(_) | Crowd::Beside(..) => 1,
        }
    }
}
