use super::*;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use proptest::prelude::*;

const PACKED: [Encoding; 3] = [Encoding::Gzip, Encoding::Deflate, Encoding::Zstd];

fn pack(encoding: Encoding, plain: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Identity => plain.to_vec(),
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Zstd => zstd::bulk::compress(plain, 3).unwrap(),
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
}

#[test]
fn every_cut_of_a_packed_body_is_told_apart_from_the_whole() {
    let plain: Vec<u8> = (0..3000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
    for encoding in PACKED {
        let packed = pack(encoding, &plain);
        assert_eq!(inflate(encoding, &packed, 1 << 20).unwrap(), plain);
        for cut in (1..packed.len()).step_by(97).chain([packed.len() - 1]) {
            let flaw = inflate(encoding, &packed[..cut], 1 << 20).unwrap_err();
            assert!(matches!(flaw, Flaw::Truncated | Flaw::Corrupt), "{encoding:?} cut at {cut}: {flaw:?}");
        }
    }
}

#[test]
fn members_after_one_another_are_one_body() {
    for encoding in [Encoding::Gzip, Encoding::Zstd] {
        let two = [pack(encoding, b"one\n"), pack(encoding, b"two\n")].concat();
        assert_eq!(inflate(encoding, &two, 100).unwrap(), "one\ntwo\n");
    }
}

#[test]
fn a_bomb_stops_at_the_limit_and_never_takes_more_memory_than_that() {
    let limit = 1 << 20;
    for encoding in PACKED {
        let bomb = pack(encoding, &vec![0; 40 << 20]);
        assert_eq!(inflate(encoding, &bomb, limit).unwrap_err(), Flaw::Bomb, "{encoding:?}");
        let fits = pack(encoding, &vec![0; limit]);
        assert_eq!(inflate(encoding, &fits, limit).unwrap().len(), limit, "{encoding:?}");
    }
    assert_eq!(inflate(Encoding::Identity, &[0; 11], 10).unwrap_err(), Flaw::TooLarge);
}

#[test]
fn a_zstd_window_larger_than_a_sender_may_ask_for_is_refused() {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&vec![7; 1 << 20]).unwrap();
    let packed = encoder.finish().unwrap();
    assert_eq!(inflate(Encoding::Zstd, &packed, 64 << 20).unwrap_err(), Flaw::Corrupt);
}

#[tokio::test]
async fn what_all_bodies_take_together_is_bounded_and_given_back() {
    let bodies = Bodies::new(MAX_BODY_BYTES);
    let large = |bytes: usize| HttpBody::from(vec![b'x'; bytes]);
    let none = HeaderMap::new();
    let first = bodies.read(&none, large(40 << 20)).await.unwrap();
    let refused = bodies.read(&none, large(40 << 20)).await.unwrap_err();
    assert_eq!((refused.status(), refused.code()), (StatusCode::TOO_MANY_REQUESTS, "BUSY"));
    let announced = headers(&[("content-length", "41943040")]);
    assert_eq!(bodies.read(&announced, large(40 << 20)).await.unwrap_err().code(), "BUSY");
    drop(first);
    assert_eq!(bodies.read(&announced, large(40 << 20)).await.unwrap().bytes.len(), 40 << 20);
    assert!(bodies.has_room());
}

#[tokio::test]
async fn a_refused_body_names_what_is_wrong() {
    let bodies = Bodies::new(MAX_BODY_BYTES);
    let read = async |encoding: &str, body: Vec<u8>| bodies.read(&headers(&[("content-encoding", encoding)]), body.into()).await.unwrap_err();
    let bomb = read("gzip", pack(Encoding::Gzip, &vec![0; MAX_BODY_BYTES + 1])).await;
    assert_eq!((bomb.status(), bomb.problem().field.as_deref()), (StatusCode::PAYLOAD_TOO_LARGE, Some("body")));
    assert!(bomb.problem().detail.unwrap().contains("decompressed"));
    assert_eq!(read("zstd", b"no zstd at all".to_vec()).await.code(), "BODY_CORRUPT");
    assert_eq!(read("gzip", pack(Encoding::Gzip, b"words")[..12].to_vec()).await.code(), "BODY_TRUNCATED");
    assert_eq!(read("br", b"x".to_vec()).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(read("identity", vec![0; MAX_BODY_BYTES + 1]).await.code(), "TOO_LARGE");
}

#[tokio::test]
async fn a_body_that_does_not_end_is_given_up() {
    let bodies = Bodies { deadline: Duration::from_millis(50), ..Bodies::new(MAX_BODY_BYTES) };
    let never = futures_util::stream::once(async { Ok::<_, io::Error>(Bytes::from_static(b"{\"a\":")) }).chain(futures_util::stream::pending());
    let refused = bodies.read(&HeaderMap::new(), HttpBody::from_stream(never)).await.unwrap_err();
    assert_eq!((refused.status(), refused.code()), (StatusCode::REQUEST_TIMEOUT, "TOO_SLOW"));
    assert!(bodies.has_room());
}

proptest! {
    #[test]
    fn what_was_packed_comes_out(plain in proptest::collection::vec(any::<u8>(), 0..5000)) {
        for encoding in PACKED {
            prop_assert_eq!(&inflate(encoding, &pack(encoding, &plain), 5000).unwrap()[..], &plain[..]);
        }
    }

    #[test]
    fn any_bytes_end(noise in proptest::collection::vec(any::<u8>(), 0..600), which in 0usize..3) {
        let _maybe = inflate(PACKED[which], &noise, 10_000);
        let mut damaged = pack(PACKED[which], &noise);
        let at = noise.len() % damaged.len();
        damaged[at] ^= 0x55;
        let _maybe = inflate(PACKED[which], &damaged, 10_000);
    }
}
