//! Ids of requests, tasks and reports: like those of the service in form, the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

/// Makes ids from a seed and counters, so that two emulators built alike give the same ids in the same order.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    requests: AtomicU64,
    tasks: AtomicU64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, requests: AtomicU64::new(0), tasks: AtomicU64::new(0) }
    }

    /// A request id, such as `2D69A58F-345C-4FDE-88E4-BF5189440C1D`.
    pub(crate) fn request_id(&self) -> String {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        let high = mixed(self.seed ^ mixed(count));
        let low = mixed(high);
        // The version and variant digits are those of a random UUID.
        format!(
            "{:08X}-{:04X}-4{:03X}-{:04X}-{:012X}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFF,
            0x8000 | ((low >> 48) & 0x3FFF),
            low & 0xFFFF_FFFF_FFFF,
        )
    }

    /// A task id, `T-` and 24 hexadecimal digits, and the id of the precheck report that goes with it, 32 digits.
    pub(crate) fn task(&self) -> (String, String) {
        let count = self.tasks.fetch_add(1, Ordering::Relaxed);
        let task_id = format!("T-{:016x}{:08x}", mixed(self.seed), (count + 1) & 0xFFFF_FFFF);
        let high = mixed(!self.seed ^ mixed(count));
        (task_id, format!("{high:016x}{:016x}", mixed(high)))
    }
}

/// The finalizer of SplitMix64: neighbouring numbers give unlike ones.
pub(crate) fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_have_the_form_of_the_service_and_repeat_in_another_run() {
        let (first, second) = (Ids::new(1), Ids::new(1));
        let request_ids: HashSet<String> = (0..1000).map(|_| first.request_id()).collect();
        assert_eq!(request_ids.len(), 1000);
        assert!(request_ids.iter().all(|id| id.len() == 36 && id.split('-').count() == 5));
        assert!(request_ids.contains(&second.request_id()));

        let (task_id, report_id) = first.task();
        assert_eq!((task_id.len(), report_id.len()), (26, 32));
        assert!(task_id.starts_with("T-") && task_id.ends_with("00000001"));
        assert_eq!(second.task(), (task_id, report_id));
        assert_ne!(first.task().0, Ids::new(2).task().0);
    }
}
