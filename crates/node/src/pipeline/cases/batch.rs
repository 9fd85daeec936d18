//! Many rows in one statement. Rows are written in parts of a few sizes, so that a connection keeps few statements.

/// Sizes of parts, largest first.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// The rows in parts, in order.
pub(in crate::pipeline) fn parts<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= left.len())?;
        let (part, rest) = left.split_at(size);
        left = rest;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_hold_every_row_once_in_few_sizes() {
        for length in [0, 1, 3, 4, 63, 64, 65, 300] {
            let rows: Vec<usize> = (0..length).collect();
            assert_eq!(parts(&rows).flatten().copied().collect::<Vec<_>>(), rows);
            assert!(parts(&rows).all(|part| super::SIZES.contains(&part.len())));
        }
    }
}
