/** Functions that are offered: the lake's own, and those of the engine that are used most. */
export const FUNCTIONS: readonly string[] = [
  'percentile', 'sketch', 'histogram', 'rate', 'time_bin', 'property', 'parse_block',
  'count', 'sum', 'avg', 'min', 'max', 'median', 'mode', 'stddev', 'any_value', 'first', 'last', 'arg_min', 'arg_max', 'list', 'string_agg', 'bool_or', 'bool_and', 'approx_count_distinct', 'quantile_cont', 'corr',
  'row_number', 'rank', 'lag', 'lead', 'ntile', 'unnest', 'range', 'generate_series',
  'coalesce', 'nullif', 'greatest', 'least', 'abs', 'round', 'floor', 'ceil', 'log10', 'ln', 'exp', 'pow', 'sqrt',
  'contains', 'starts_with', 'ends_with', 'lower', 'upper', 'length', 'substring', 'replace', 'regexp_matches', 'regexp_extract', 'regexp_replace', 'split_part', 'concat', 'concat_ws', 'format', 'trim',
  'date_trunc', 'date_part', 'epoch_ns', 'make_timestamp_ns', 'strftime', 'to_seconds', 'now', 'current_date',
  'json_extract_string', 'json_extract', 'json_keys', 'list_sum', 'list_avg', 'list_extract', 'list_transform', 'list_filter', 'array_length',
];
