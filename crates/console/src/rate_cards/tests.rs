use super::*;
use bailiwick_chassis::clock::from_us;

fn card(customer: Option<&str>, from: i64, cse: f64) -> RateCard {
    RateCard { customer: customer.map(CustomerId::from), effective_from: from_us(from), rates: Rates { cse, ..Rates::default() } }
}

fn told(cards: &[RatesFrom]) -> Vec<(i64, f64)> {
    cards.iter().map(|card| (card.from, card.rates.cse)).collect()
}

#[test]
fn a_customers_cards_follow_those_of_everybody() {
    let cards = gather(vec![card(Some("a"), 30, 3.0), card(None, 10, 1.0), card(None, 40, 4.0), card(Some("b"), 5, 9.0), card(Some("a"), 50, 5.0)]);
    assert_eq!(told(&cards.everybody), [(10, 1.0), (40, 4.0)]);
    assert_eq!(told(cards.of(&"a".into())), [(10, 1.0), (30, 3.0), (50, 5.0)], "before its first, those of everybody; none after");
    assert_eq!(told(cards.of(&"b".into())), [(0, 1.0), (5, 9.0)], "the first of everybody holds before its beginning");
    assert!(cards.of(&"c".into()).is_empty());
}

#[test]
fn without_any_card_the_usual_rates_hold() {
    assert_eq!(told(&gather(Vec::new()).everybody), [(0, 25.0)]);
    assert_eq!(told(gather(vec![card(Some("a"), 30, 3.0)]).of(&"a".into())), [(0, 25.0), (30, 3.0)]);
    assert_eq!(told(&Cards::only(Rates { cse: 7.0, ..Rates::default() }).everybody), [(0, 7.0)]);
}

#[test]
fn nodes_are_told_the_cards_that_hold_in_the_range_alone() {
    let cards: Vec<RatesFrom> = [10, 20, 30].iter().map(|from| RatesFrom { from: *from, rates: Rates::default() }).collect();
    let from = |from, to| within(&cards, from, to).iter().map(|card| card.from).collect::<Vec<_>>();
    assert_eq!(from(0, 5), [10]);
    assert_eq!(from(0, 20), [10]);
    assert_eq!(from(20, 21), [20]);
    assert_eq!(from(15, 31), [10, 20, 30]);
    assert_eq!(from(99, 100), [30]);
    assert!(within(&[], 0, 1).is_empty());
}
