//! When a certificate ends. Of all of X.509 the node needs this one field of its own certificate, which rustls checks for others and does
//! not tell; reading five nested values by hand is less than a parser of all of it.

use chrono::{DateTime, NaiveDateTime, Utc};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// The end of validity of a certificate in DER; none when it cannot be read.
pub(crate) fn not_after(der: &[u8]) -> Option<DateTime<Utc>> {
    let (_, certificate, _) = value(der)?;
    let (_, mut fields, _) = value(certificate)?;
    if let (VERSION, _, rest) = value(fields)? {
        fields = rest;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        (_, _, fields) = value(fields)?;
    }
    let (_, validity, _) = value(fields)?;
    let (_, _, end) = value(validity)?;
    let (tag, text, _) = value(end)?;
    time(tag, text)
}

/// The first value of some DER: its tag, its content, and what follows.
fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// A time with two digits of the year lies between 1950 and 2049.
fn time(tag: u8, text: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let whole = match tag {
        UTC_TIME => {
            let year: u32 = text.get(..2)?.parse().ok()?;
            format!("{}{text}", if year < 50 { 20 } else { 19 })
        }
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    NaiveDateTime::parse_from_str(&whole, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn certificate(year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(["node.example".to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 3, 9);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_of_a_certificate_is_read_in_both_forms_of_time() {
        for year in [2027, 2049, 2050, 4096] {
            assert_eq!(not_after(&certificate(year)).unwrap().format("%F").to_string(), format!("{year}-03-09"));
        }
    }

    #[test]
    fn what_is_cut_off_says_nothing() {
        let whole = certificate(2030);
        let short = (0..80).filter(|length| not_after(&whole[..*length]).is_some()).count();
        assert_eq!(short, 0);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _any = not_after(&bytes);
        }
    }
}
