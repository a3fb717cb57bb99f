//! Prices scenarios, and sizes nothing twice.
//!
//! Input: an [`Estate`] and [`Settings`]. Output: an [`Outcome`]. What an
//! environment is sized to depends on its policy, the region, the growth and
//! the hosts that are in; how it is paid for comes after. So sizes are kept by
//! what they depend on, and twenty scenarios that differ in prices are sized
//! once. Types are chosen at list prices: schedule, commitment and discount
//! change what is paid, not what is chosen.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use rust_decimal::Decimal;

use super::case::{Case, Terms};
use super::error::ScenarioError;
use super::key::EC2;
use super::moved::{Moved, MovedPhase};
use super::optimised::{Optimised, Use};
use super::outcome::{HostCost, Outcome};
use super::private::gathered;
use super::purchase::Buying;
use super::settings::Settings;
use super::till::{Bears, Till};
use crate::catalog::PriceMethod;
use crate::money::UsdPerMonth;
use crate::plan::commitments::outlooks;
use crate::plan::{Estate, Sized};
use crate::size::Drift;

/// Prices scenarios of one estate.
pub struct Pricer<'e, 'a> {
    estate: &'e Estate<'a>,
    environments: BTreeMap<String, Vec<usize>>,
    drifts: RefCell<HashMap<Vec<usize>, Rc<Drift>>>,
    whole_drift: Rc<Drift>,
    moved: Option<Moved>,
    sizes: RefCell<HashMap<String, Rc<Vec<Sized<'a>>>>>,
    storages: RefCell<HashMap<String, Rc<Vec<Option<UsdPerMonth>>>>>,
}

impl<'e, 'a> Pricer<'e, 'a> {
    /// Starts with nothing sized.
    #[must_use]
    pub fn new(estate: &'e Estate<'a>) -> Self {
        let mut environments: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, host) in estate.hosts.iter().enumerate() {
            environments
                .entry(host.member.environment.clone())
                .or_default()
                .push(place);
        }
        let all: Vec<usize> = (0..estate.hosts.len()).collect();
        Self {
            whole_drift: Rc::new(estate.drift(&all)),
            moved: None,
            estate,
            environments,
            drifts: RefCell::default(),
            sizes: RefCell::default(),
            storages: RefCell::default(),
        }
    }

    /// Takes what moves to managed services in the plan's phases.
    #[must_use]
    pub fn with_moved(mut self, moved: Moved) -> Self {
        self.moved = Some(moved);
        self
    }

    /// Gives what moves in the phase of a case; nothing where every host is on EC2.
    fn moved_in(&self, case: &Case) -> Result<Option<&MovedPhase>, ScenarioError> {
        let Some(phase) = &case.phase else {
            if case.environments.values().any(|terms| terms.relational.is_some()) {
                return Err(ScenarioError::Phase {
                    phase: EC2.to_string(),
                    because: "`relational` says where a phase takes databases; say `phase = \"rehost\"` or \"replatform\" too"
                        .to_string(),
                });
            }
            return Ok(None);
        };
        let refused = |because: String| ScenarioError::Phase {
            phase: phase.clone(),
            because,
        };
        let Some((moved, of_phase)) = self
            .moved
            .as_ref()
            .and_then(|moved| Some((moved, moved.phases.get(phase)?)))
        else {
            let because = "the plan moves nothing to managed services; make it anew with `sizewright plan`";
            return Err(refused(because.to_string()));
        };
        if moved.region != case.region {
            return Err(refused(format!(
                "managed services are priced for {}, not for {}",
                moved.region, case.region
            )));
        }
        Ok(Some(of_phase))
    }

    /// Gives the estate.
    #[must_use]
    pub fn estate(&self) -> &'e Estate<'a> {
        self.estate
    }

    /// Forgets the sizes that are kept, so that a long search does not fill the memory.
    pub fn forget(&self) {
        self.sizes.borrow_mut().clear();
        self.storages.borrow_mut().clear();
    }

    /// Prices a scenario.
    ///
    /// # Errors
    /// When a setting stands for nothing, or the settings together cannot be used.
    pub fn price(&self, settings: &Settings) -> Result<Outcome<'a>, ScenarioError> {
        let case = Case::of(settings, self.estate)?;
        let moved = self.moved_in(&case)?;
        case.private
            .check(self.estate.catalog, &case.region, self.moved.as_ref())?;
        let (chosen, drift) = self.chosen(&case);
        let optimised = self.optimised(&case, &chosen, &drift, moved)?;
        let mut own = Vec::new();
        let mut hosts: Vec<HostCost<'a>> = Vec::with_capacity(self.estate.hosts.len());
        let mut estimated = UsdPerMonth::ZERO;
        for (name, places) in &chosen {
            let Some(terms) = case.environments.get(*name) else {
                continue;
            };
            let key = self.key(name, terms, &case);
            let sizes = self.sized(&key, places, terms, &case.region, &drift)?;
            let storage = self.stored(name, places, terms, &case);
            let mut till = Till::new(self.estate.catalog, terms, &case, &optimised);
            let alone = self.copied(places, terms);
            for ((&host, &sized), &storage) in places.iter().zip(sizes.iter()).zip(storage.iter()) {
                let name = &self.estate.hosts[host].profile.host;
                if moved.is_some_and(|moved| moved.retired.contains(name)) {
                    continue;
                }
                let copies = if alone.binary_search(&host).is_ok() { 2 } else { 1 };
                let bears = self.bears(host);
                let compute = sized.offer.and_then(|offer| till.month(offer, bears, copies));
                let times = Decimal::from(copies);
                if let Some((amount, PriceMethod::Estimated)) = compute {
                    estimated = estimated + amount.times(times);
                }
                hosts.push(HostCost {
                    host,
                    sized,
                    copies,
                    compute: compute.map(|(amount, _)| amount.times(times)),
                    compute_at_most: match compute {
                        Some((amount, _)) => Some(amount.times(times)),
                        None => sized.offer.map(|offer| till.at_most(offer).times(times)),
                    },
                    storage: storage.map(|amount| till.volumes(amount, times)),
                });
            }
            own.extend(till.own_lines());
        }
        if hosts.is_empty() && moved.is_none() {
            return Err(ScenarioError::NoHosts);
        }
        let mut outcome = Outcome {
            estimated,
            on_premises: case.on_premises,
            own_lines: Vec::new(),
            ..Outcome::of(&case.region, self.estate, hosts)
        };
        let asked = |environment: &str| case.environments.get(environment)?.relational;
        for (line, service) in moved.iter().flat_map(|moved| moved.bought(asked)) {
            // A host that the scenario leaves out takes its service along; a service of several hosts stays.
            let is_out = case.hosts.as_ref().is_some_and(|kept| {
                let place = self.estate.hosts.iter().position(|host| host.profile.host == line.host);
                place.is_some_and(|place| !kept.contains(&place))
            });
            if is_out {
                continue;
            }
            match case.private.of_managed(service, line) {
                Some((changed, line)) => {
                    outcome.add_managed(&changed);
                    own.push(line);
                }
                None => outcome.add_managed(line),
            }
        }
        outcome.own_lines = gathered(own);
        Ok(outcome)
    }

    /// Finds the best mix for the environments that are bought so.
    fn optimised(
        &self,
        case: &Case,
        chosen: &BTreeMap<&str, Vec<usize>>,
        drift: &Drift,
        moved: Option<&MovedPhase>,
    ) -> Result<Optimised, ScenarioError> {
        let mut uses: HashMap<(String, Bears, usize), Use<'a>> = HashMap::new();
        for (at, (name, places)) in chosen.iter().enumerate() {
            let Some(terms) = case
                .environments
                .get(*name)
                .filter(|terms| terms.purchase == Buying::Optimised)
            else {
                continue;
            };
            let sizes = self.sized(&self.key(name, terms, case), places, terms, &case.region, drift)?;
            let copied = self.copied(places, terms);
            for (&host, sized) in places.iter().zip(sizes.iter()) {
                let is_gone = moved.is_some_and(|moved| moved.retired.contains(&self.estate.hosts[host].profile.host));
                let Some(offer) = sized.offer.filter(|_| !is_gone) else {
                    continue;
                };
                // A type with a price of the user's own is paid for at that price.
                if case.private.has_price(&offer.shape.name) {
                    continue;
                }
                let bears = self.bears(host);
                uses.entry((offer.shape.name.clone(), bears, at))
                    .or_insert(Use {
                        offer,
                        schedule: terms.schedule,
                        instances: 0,
                        bears_interruption: bears == Bears::Interruption,
                    })
                    .instances += if copied.binary_search(&host).is_ok() { 2 } else { 1 };
            }
        }
        if uses.is_empty() {
            return Ok(Optimised::default());
        }
        let mut uses: Vec<((String, Bears, usize), Use<'a>)> = uses.into_iter().collect();
        uses.sort_by(|one, other| one.0.cmp(&other.0));
        let uses: Vec<Use<'a>> = uses.into_iter().map(|(_, one)| one).collect();
        let (outlooks, _) = outlooks(&self.estate.assessment.growth);
        Ok(Optimised::of(self.estate.catalog, &case.region, &uses, &outlooks))
    }

    /// Says whether a host may be taken back at short notice, as the owners of its group say.
    fn bears(&self, host: usize) -> Bears {
        let group = self.estate.hosts[host].member.group.as_deref();
        let rule = group.and_then(|group| self.estate.assessment.groups.get(group));
        match rule.and_then(|rule| rule.tolerates_interruption) {
            Some(true) => Bears::Interruption,
            _ => Bears::None,
        }
    }

    /// Gives the hosts that run twice.
    fn copied(&self, places: &[usize], terms: &Terms) -> Vec<usize> {
        if terms.high_availability {
            self.alone(places)
        } else {
            Vec::new()
        }
    }

    /// Gives the hosts that are in by environment, and how their demand moves.
    fn chosen(&self, case: &Case) -> (BTreeMap<&str, Vec<usize>>, Rc<Drift>) {
        let Some(kept) = &case.hosts else {
            let all = self
                .environments
                .iter()
                .map(|(name, places)| (name.as_str(), places.clone()));
            return (all.collect(), Rc::clone(&self.whole_drift));
        };
        let mut chosen: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (name, places) in &self.environments {
            let places: Vec<usize> = places.iter().copied().filter(|place| kept.contains(place)).collect();
            if !places.is_empty() {
                chosen.insert(name, places);
            }
        }
        let all: Vec<usize> = kept.iter().copied().collect();
        let mut drifts = self.drifts.borrow_mut();
        let drift = drifts
            .entry(all)
            .or_insert_with_key(|all| Rc::new(self.estate.drift(all)));
        (chosen, Rc::clone(drift))
    }

    /// Names what sizes of an environment depend on.
    fn key(&self, environment: &str, terms: &Terms, case: &Case) -> String {
        format!(
            "{environment}\n{}\n{}\n{:?}\n{:?}",
            case.region, terms.growth, case.hosts, terms.policy
        )
    }

    fn sized(
        &self,
        key: &str,
        places: &[usize],
        terms: &Terms,
        region: &str,
        drift: &Drift,
    ) -> Result<Rc<Vec<Sized<'a>>>, ScenarioError> {
        if let Some(known) = self.sizes.borrow().get(key) {
            return Ok(Rc::clone(known));
        }
        let sizes = Rc::new(self.estate.size(places, region, &terms.policy, drift, terms.growth)?);
        self.sizes.borrow_mut().insert(key.to_string(), Rc::clone(&sizes));
        Ok(sizes)
    }

    fn stored(&self, name: &str, places: &[usize], terms: &Terms, case: &Case) -> Rc<Vec<Option<UsdPerMonth>>> {
        let policy = &terms.policy;
        let key = format!(
            "{name}\n{}\n{}\n{:?}\n{} {} {}",
            case.region, terms.growth, case.hosts, policy.storage_growth, policy.storage_fill, policy.disk_headroom
        );
        if let Some(known) = self.storages.borrow().get(&key) {
            return Rc::clone(known);
        }
        let storage = Rc::new(self.estate.storage(places, &case.region, policy, terms.growth));
        self.storages.borrow_mut().insert(key, Rc::clone(&storage));
        storage
    }

    /// Gives the hosts of which no other does the same work, of hosts of one environment.
    fn alone(&self, places: &[usize]) -> Vec<usize> {
        let group = |place: usize| self.estate.hosts[place].member.group.as_deref();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in places.iter().filter_map(|&place| group(place)) {
            *counts.entry(name).or_default() += 1;
        }
        let is_alone = |place: &usize| group(*place).is_none_or(|name| counts[name] == 1);
        places.iter().copied().filter(is_alone).collect()
    }
}
