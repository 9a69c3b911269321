//! Forms of Poseidon2's S-box.

/// Exponent of the S-box.
pub(crate) const SBOX_DEGREE: u64 = 7;

/// Form in which the constraints write an S-box x⁷.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SBox {
    /// With a column for x³: degree 3, 248 columns.
    Cubed,
    /// Without: degree 7, 130 columns; needs a blow-up of 8.
    Direct,
}

impl SBox {
    /// Degree of the constraints.
    pub(crate) const fn degree(self) -> usize {
        match self {
            Self::Cubed => 3,
            Self::Direct => SBOX_DEGREE as usize,
        }
    }
}
