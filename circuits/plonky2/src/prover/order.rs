//! Map from one library's enumeration of a subgroup to the other's.
//!
//! The two libraries' generators of the subgroup of order n differ, so the i-th element of one is
//! the (i·k mod n)-th of the other, k odd. Rows are kept in p3's order, since p3 transforms them.
//! Leaves of trees and constants are in plonky2's.

use p3_field::{PrimeCharacteristicRing, TwoAdicField};
use plonky2::field::types::Field;
use plonky2::plonk::circuit_data::CommonCircuitData;

use farthing_protocol::Felt;

use crate::field::{D, F, two_adic};

/// The orders of one subgroup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) log: usize,
    /// plonky2's generator is p3's to this power.
    to_p3: usize,
    /// p3's generator is plonky2's to this power.
    to_plonky2: usize,
}

impl Order {
    pub(super) fn new(log: usize) -> Self {
        let (p3, plonky2) = (two_adic(log), F::primitive_root_of_unity(log));
        Self { log, to_p3: logarithm(p3, plonky2, log), to_plonky2: logarithm(plonky2, p3, log) }
    }

    pub(super) const fn len(self) -> usize {
        1 << self.log
    }

    /// p3's index of plonky2's `index`-th element.
    pub(super) const fn p3(self, index: usize) -> usize {
        index.wrapping_mul(self.to_p3) & (self.len() - 1)
    }

    /// plonky2's index of p3's `index`-th element.
    pub(super) const fn plonky2(self, index: usize) -> usize {
        index.wrapping_mul(self.to_plonky2) & (self.len() - 1)
    }

    /// The index in bit-reversed order.
    pub(super) const fn reversed(self, index: usize) -> usize {
        match self.log {
            0 => index,
            log => index.reverse_bits() >> (usize::BITS as usize - log),
        }
    }

    /// The elements in p3's order.
    pub(super) fn elements(self) -> Vec<Felt> {
        Felt::two_adic_generator(self.log).powers().take(self.len()).collect()
    }
}

/// The power of `base` that `element` is, both generators of order 2^`log`.
fn logarithm(base: F, element: F, log: usize) -> usize {
    let mut power = 0;
    for bit in 0..log {
        let rest = element * base.inverse().exp_u64(power as u64);
        if rest.exp_power_of_2(log - 1 - bit) != F::ONE {
            power |= 1 << bit;
        }
    }
    power
}

/// The subgroups that a circuit's proof needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orders {
    /// Of the rows.
    pub(super) rows: Order,
    /// Of the points where the quotient is computed.
    pub(super) quotient: Order,
    /// Of the codewords.
    pub(super) codewords: Order,
    pub(super) cap_height: usize,
}

impl Orders {
    pub(super) fn new(common: &CommonCircuitData<F, D>) -> Self {
        let (log, config) = (common.degree_bits(), &common.config.fri_config);
        let quotient = common.quotient_degree_factor.next_power_of_two().trailing_zeros();
        Self {
            rows: Order::new(log),
            quotient: Order::new(log + quotient as usize),
            codewords: Order::new(log + config.rate_bits),
            cap_height: config.cap_height,
        }
    }

    /// log₂ of the inverse rate.
    pub(super) const fn rate_bits(&self) -> usize {
        self.codewords.log - self.rows.log
    }

    /// Index of plonky2's leaf in a codeword: leaves are in bit-reversed order, and so is
    /// what p3 transforms.
    pub(super) const fn storage_of_leaf(&self, leaf: usize) -> usize {
        let order = self.codewords;
        order.reversed(order.p3(order.reversed(leaf)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_of_the_same_elements() {
        for log in [0, 1, 3, 7] {
            let order = Order::new(log);
            let (p3, plonky2) = (two_adic(log), F::primitive_root_of_unity(log));
            for index in 0..order.len() {
                assert_eq!(plonky2.exp_u64(index as u64), p3.exp_u64(order.p3(index) as u64));
                assert_eq!(order.plonky2(order.p3(index)), index);
                assert_eq!(order.reversed(order.reversed(index)), index);
            }
        }
    }
}
