//! A sequence of random numbers that is the same on every machine and in every version.

/// SplitMix64, started from any number of words.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(words: &[u64]) -> Random {
        let mut random = Random(0);
        for word in words {
            random.0 = random.next() ^ word;
        }
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number of the range, as a time or a span of time.
    pub(crate) fn between(&mut self, start: i64, end: i64) -> i64 {
        start + self.below(start.abs_diff(end)) as i64
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of the items, all alike.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// One of the items, as often as its weight says. There is at least one.
    pub(crate) fn weighted<T: Copy>(
        &mut self,
        items: impl Iterator<Item = T> + Clone,
        weight: fn(T) -> u64,
    ) -> T {
        let mut left = self.below(items.clone().map(weight).sum());
        for item in items {
            match left.checked_sub(weight(item)) {
                Some(rest) => left = rest,
                None => return item,
            }
        }
        unreachable!("the number drawn is less than the sum of the weights")
    }

    /// So many hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits);
        let mut word = 0;
        for place in 0..digits {
            word = if place % 16 == 0 { self.next() } else { word << 4 };
            text.push(char::from(b"0123456789abcdef"[(word >> 60) as usize]));
        }
        text
    }

    /// A random UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.hex(30);
        let [a, b, c, d] = [&hex[..8], &hex[8..12], &hex[12..15], &hex[15..18]];
        let variant = ['8', '9', 'a', 'b'][self.below(4) as usize];
        format!("{a}-{b}-4{c}-{variant}{d}-{}", &hex[18..])
    }
}
