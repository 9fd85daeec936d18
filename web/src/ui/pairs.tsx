import { Fragment } from "react";
import { pairs } from "../lib/format";

/** A fingerprint as it is read out, `ab:cd:…`; a line ends between two pairs only. */
export function Pairs({ hex }: { hex: string }) {
  return pairs(hex).map((pair, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a pair is its place
    <Fragment key={at}>
      {at > 0 ? (
        <>
          :<wbr />
        </>
      ) : null}
      {pair}
    </Fragment>
  ));
}
