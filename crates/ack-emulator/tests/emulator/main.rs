//! The emulator through its public API, with requests signed by `ack-auth`.

// An integration test is compiled for tests only; saying so tells clippy that its supporting functions are test code.
#[cfg(test)]
mod formats;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod network;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod upgrades;
