//! The clients of accounts in regions.

use std::collections::HashMap;
use std::sync::Arc;

use super::Fleet;
use super::shared::Place;
use crate::upgrades::Upgrades;

/// The clients that were made so far, one for each region of an account.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<Place, Upgrades>);

impl Places {
    /// The client of a region. What keeps it from being made is in words, for there may be no call that could fail.
    pub(super) fn get(&mut self, fleet: &Fleet, account: usize, region: &Arc<str>) -> Result<Upgrades, String> {
        if let Some(upgrades) = self.0.get(&(account, Arc::clone(region))) {
            return Ok(upgrades.clone());
        }
        let Some(own) = fleet.accounts.get(account) else { return Err("the account is not known".to_owned()) };
        let upgrades = own.connect(region, &fleet.clock).map_err(|error| error.to_string())?;
        self.0.insert((account, Arc::clone(region)), upgrades.clone());
        Ok(upgrades)
    }
}
