/** Fields an analyst narrows a search by. Sources are known by ids here, their categories say more. */
export const LOG_FIELDS = [
  "record_type",
  "source_category",
  "host.name",
  "user.name",
  "source.ip",
  "destination.ip",
  "event.code",
  "process.name",
  "product",
];
