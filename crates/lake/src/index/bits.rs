//! Single bits, lowest first.

/// Writes bits.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    rest: u64,
    filled: u32,
}

impl Writer {
    /// Bits written.
    pub(super) fn position(&self) -> usize {
        self.bytes.len() * 8 + self.filled as usize
    }

    /// Writes the lowest `count` bits, at most 32.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        self.rest |= (u64::from(value) & ((1_u64 << count) - 1)) << self.filled;
        self.filled += count;
        while self.filled >= 8 {
            self.bytes.push(self.rest as u8);
            self.rest >>= 8;
            self.filled -= 8;
        }
    }

    /// Writes a number whose typical size is 2^`k`: short for small ones.
    pub(super) fn rice(&mut self, value: u32, k: u32) {
        for _ in 0..value >> k {
            self.put(0, 1);
        }
        self.put(1, 1);
        self.put(value, k);
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.bytes.push(self.rest as u8);
        }
        self.bytes
    }
}

/// Reads bits; behind the end there are none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn at(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    /// The next 32 bits or more, as far as there are any.
    fn window(&self) -> u64 {
        let tail = self.bytes.get(self.position / 8..).unwrap_or_default();
        let mut eight = [0; 8];
        match tail.first_chunk::<8>() {
            Some(chunk) => eight = *chunk,
            None => eight[..tail.len()].copy_from_slice(tail),
        }
        u64::from_le_bytes(eight) >> (self.position % 8)
    }

    /// The next `count` bits, at most 32.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let value = self.window() & ((1_u64 << count) - 1);
        self.position += count as usize;
        (self.position <= self.bytes.len() * 8).then_some(value as u32)
    }

    pub(super) fn rice(&mut self, k: u32) -> Option<u32> {
        let mut high = 0_u32;
        loop {
            let zeros = (self.window() | 1 << 32).trailing_zeros();
            self.position += zeros as usize;
            high = high.checked_add(zeros)?;
            if zeros < 32 {
                break;
            }
            if self.position > self.bytes.len() * 8 {
                return None;
            }
        }
        self.take(1)?;
        Some(high.checked_shl(k)? | self.take(k)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(values in proptest::collection::vec((0_u32..5000, 0_u32..12), 0..60)) {
            let mut writer = Writer::default();
            for (value, bits) in &values {
                writer.rice(*value, *bits);
                writer.put(*value, *bits);
            }
            let end = writer.position();
            let bytes = writer.finish();
            prop_assert_eq!(bytes.len(), end.div_ceil(8));
            let mut reader = Reader::at(&bytes, 0);
            for (value, bits) in &values {
                prop_assert_eq!(reader.rice(*bits), Some(*value));
                prop_assert_eq!(reader.take(*bits), Some(value & ((1 << bits) - 1)));
            }
            prop_assert_eq!(reader.take(8), None);
            prop_assert_eq!(Reader::at(&bytes, bytes.len() * 8).rice(3), None);
        }
    }
}
