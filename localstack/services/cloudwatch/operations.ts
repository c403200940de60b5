/** GetMetricData, PutMetricData and ListMetrics, whichever protocol asks. */
import { AwsFault, type Input, type Operation } from '../aws-json.ts';
import type { Measurement, Minutes, Series } from './minutes.ts';
import { datapoints, isStatistic, periodMsOf, STATISTIC_NAMES } from './periods.ts';

const QUERIES_MAX = 500;
const DATA_PER_CALL_MAX = 1_000;
const SERIES_PER_PAGE_MAX = 500;
const DATAPOINTS_MAX = 100_800;

const invalid = (message: string): AwsFault =>
  new AwsFault('InvalidParameterValueException', message);

const listOf = (value: unknown): readonly Input[] => {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((one): Input => Object(one));
  throw invalid('a list is expected');
};

const dimensionsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(listOf(value).map(({ Name, Value }) => [String(Name), String(Value)]));

const seriesOf = (metric: Input, namespace: unknown = metric.Namespace): Series => {
  const { MetricName, Dimensions } = metric;
  if (typeof namespace !== 'string' || typeof MetricName !== 'string') {
    throw invalid('a metric has a Namespace and a MetricName');
  }
  return { namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
};

/** Seconds since 1970, as the JSON and the CBOR protocol write them, or a text. */
const instantOf = (value: unknown, named: string): number => {
  const ms = typeof value === 'number' ? value * 1_000 : Date.parse(String(value));
  if (Number.isFinite(ms)) return Math.round(ms);
  throw invalid(`${named} is not an instant`);
};

const answered = (
  minutes: Minutes,
  query: Input,
  { fromMs, toMs, ascending }: Readonly<{ fromMs: number; toMs: number; ascending: boolean }>,
): object => {
  const { Id, Label, MetricStat, Expression } = query;
  if (Expression !== undefined) throw invalid('the local cloud computes no metric math');
  const { Metric, Period, Stat, Unit } = Object(MetricStat);
  const periodMs = periodMsOf(Period);
  if (periodMs === undefined) throw invalid('a Period is a whole number of minutes, a day at most');
  if (!isStatistic(Stat)) throw invalid(`Stat is one of ${STATISTIC_NAMES}, not ${String(Stat)}`);
  const series = seriesOf(Object(Metric));
  const isOfUnit = Unit === undefined || Unit === minutes.unitOf(series);
  const startMs = Math.floor(fromMs / periodMs) * periodMs;
  const found = isOfUnit ? datapoints(minutes.read(series, startMs, toMs), periodMs, Stat) : [];
  const points = (ascending ? found : found.toReversed()).slice(0, DATAPOINTS_MAX);
  return {
    Id: String(Id),
    Label: String(Label ?? series.name),
    Timestamps: points.map((point) => new Date(point.startMs)),
    Values: points.map(({ value }) => value),
    StatusCode: 'Complete',
  };
};

const getMetricData = (minutes: Minutes, input: Input): object => {
  const queries = listOf(input.MetricDataQueries);
  if (queries.length === 0 || queries.length > QUERIES_MAX) {
    throw invalid(`MetricDataQueries holds 1 to ${QUERIES_MAX} queries`);
  }
  const fromMs = instantOf(input.StartTime, 'StartTime');
  const toMs = instantOf(input.EndTime, 'EndTime');
  if (fromMs >= toMs) throw invalid('StartTime must be before EndTime');
  const ascending = input.ScanBy === 'TimestampAscending';
  return {
    MetricDataResults: queries
      .filter(({ ReturnData }) => ReturnData !== false)
      .map((query) => answered(minutes, query, { fromMs, toMs, ascending })),
    Messages: [],
  };
};

const summaryOf = (datum: Input): Pick<Measurement, 'sum' | 'count' | 'least' | 'most'> => {
  const { StatisticValues, Values, Counts, Value } = datum;
  if (StatisticValues !== undefined) {
    const { Sum, SampleCount, Minimum, Maximum } = Object(StatisticValues);
    return { sum: Sum, count: SampleCount, least: Minimum, most: Maximum };
  }
  const values = Array.isArray(Values) ? Values.map(Number) : [Number(Value)];
  const counts = values.map((_, at) => (Array.isArray(Counts) ? Number(Counts[at]) : 1));
  return {
    sum: values.reduce((total, value, at) => total + value * (counts[at] ?? 1), 0),
    count: counts.reduce((total, count) => total + count, 0),
    least: Math.min(...values),
    most: Math.max(...values),
  };
};

const putMetricData = (minutes: Minutes, input: Input, now: () => number): object => {
  const data = listOf(input.MetricData);
  if (data.length > DATA_PER_CALL_MAX) throw invalid(`at most ${DATA_PER_CALL_MAX} data per call`);
  const measurements = data.map((datum): Measurement => {
    const { Timestamp, Unit = 'None' } = datum;
    const summary = summaryOf(datum);
    if (!Object.values(summary).every(Number.isFinite)) throw invalid('a value is a finite number');
    const atMs = Timestamp === undefined ? now() : instantOf(Timestamp, 'Timestamp');
    return { ...seriesOf(datum, input.Namespace), ...summary, unit: String(Unit), atMs };
  });
  for (const measurement of measurements) minutes.add(measurement);
  return {};
};

const listMetrics = (minutes: Minutes, input: Input): object => {
  const wanted = listOf(input.Dimensions);
  const found = minutes
    .all()
    .filter(({ namespace }) => (input.Namespace ?? namespace) === namespace)
    .filter(({ name }) => (input.MetricName ?? name) === name)
    .filter(({ dimensions }) =>
      wanted.every(({ Name, Value }) => {
        const value = dimensions[String(Name)];
        return value !== undefined && (Value ?? value) === value;
      }),
    );
  const start = Number(input.NextToken ?? 0);
  const page = found.slice(start, start + SERIES_PER_PAGE_MAX);
  return {
    Metrics: page.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(start + page.length < found.length ? { NextToken: String(start + page.length) } : {}),
  };
};

/** The minute that is not over is part of an answer, as it is on AWS. */
export const metricOperations = (
  minutes: Minutes,
  now: () => number,
): Readonly<Record<string, Operation>> => ({
  GetMetricData: (input) => getMetricData(minutes, input),
  ListMetrics: (input) => listMetrics(minutes, input),
  PutMetricData: (input) => putMetricData(minutes, input, now),
});
