//! Request ids in the shape of a UUID.

use crate::synth::Random;

/// The id of the request with that number: no other request of the same console has it.
pub(crate) fn request_id(seed: u64, number: u64) -> String {
    let uuid = Random::new(&[seed, number]).uuid();
    // An odd factor permutes the 48-bit numbers, so this group alone tells two requests apart.
    let group = number.wrapping_mul(0x5851_f42d_4c95_7f2d) & 0xffff_ffff_ffff;
    format!("{}{group:012x}", &uuid[..24])
}
