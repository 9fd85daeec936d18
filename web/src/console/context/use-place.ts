import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { customerOf, type Place, placeOf, visited } from "../../lib/context";

/** All customers this person may know of, as they were lately. */
export function useCustomerNames() {
  return useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
}

/** Where in the product this page is, and whose environment it is; `reading` until it is known who that may be. */
export function usePlace(): { place: Place; customer: Customer | undefined; reading: boolean } {
  const pathname = useLocation({ select: (l) => l.pathname });
  const { data, isPending } = useCustomerNames();
  const customers = data?.data;
  const place = placeOf(pathname);
  const customer = customerOf(place, customers);
  const id = customer?.id;
  useEffect(() => {
    if (id) visited(id);
  }, [id]);
  return { place, customer, reading: isPending };
}
