use super::*;

#[test]
fn many_are_available_with_a_linked_customer_that_is_licensed_where_licences_are_given_out() {
    let linked = |customers, licences, licensed| Linked { customers, licences, licensed };
    let cases = [
        (linked(false, false, false), Some(WhyNotMany::NoLinkedCustomer)),
        (linked(false, true, false), Some(WhyNotMany::NoLinkedCustomer)),
        (linked(true, false, false), None),
        (linked(true, true, false), Some(WhyNotMany::NoLicensedCustomer)),
        (linked(true, true, true), None),
    ];
    for (linked, reason) in cases {
        let shown = shown(Kept::default(), linked);
        assert_eq!((shown.multi_customer, shown.multi_customer_available, shown.reason), (true, reason.is_none(), reason), "{linked:?}");
    }
}
