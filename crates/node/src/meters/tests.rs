//! Failed records by reason beside the meters: always as many, however they are folded and whatever is replayed.
