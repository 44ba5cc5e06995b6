//! The dynamic programme over bar lengths.
//!
//! A state is where a bar begins (to a bucket of time), the tempo of the bar before, the place in the phrase and whether the
//! phrase has had its short bar. Of all ways to a state the cheapest is kept, with its exact time, so that buckets only
//! decide which ways are told apart. Every bar leads forward by far more than a bucket, so one pass in order of time is all:
//! O(bars x states), where states are bounded by tempi x places in a phrase x buckets a bar.

use super::{
    super::{TempoRange, bars::SHORT_PHRASE_BARS, moment::Moment},
    cost,
};

/// Ways that begin a bar this near to each other are one.
pub(super) const BUCKET_SECONDS: f64 = 0.02;
/// The same among ways that differ only in their place in the phrase.
const PHRASE_MARGIN: f32 = 0.45;
/// Ways differ for the sake of what comes within this; where nothing does, all but the cheapest are left.
const AHEAD_SECONDS: f64 = 24.0;
const LEAST_MARGIN: f32 = 0.05;
/// The end asks for its place as a cut does.
const END_WEIGHT: f32 = 1.0;
/// How far back the best way nearby is looked for.
const NEARBY_SECONDS: f64 = 1.0;

/// How finely tempo is told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// From one level of tempo to the next.
    pub(super) ratio: f64,
    /// Levels above and below the base: less than 6 %.
    most_level: i32,
    /// From bar to bar: less than 2 %.
    most_step: usize,
    /// Ways that are dearer than the best one nearby by more than this lead nowhere.
    margin: f32,
}

/// For finding a base tempo.
pub(super) const COARSE: Scale = Scale { ratio: 1.0097, most_level: 6, most_step: 2, margin: 1.12 };
/// For the plan.
pub(super) const FINE: Scale = Scale { ratio: 1.0064, most_level: 9, most_step: 3, margin: 1.76 };

/// One bar of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BarStep {
    /// Tempo as a power of the scale's ratio over the base.
    pub(super) level: i32,
    /// Two beats instead of four.
    pub(super) is_short: bool,
}

/// What bars are laid over.
pub(super) struct Ground<'a> {
    pub(super) moments: &'a [Moment],
    pub(super) base_bpm: f64,
    pub(super) scale: Scale,
    pub(super) levels: Vec<i32>,
    pub(super) phrase_bars: usize,
    /// How much moments weigh, 0..1.
    pub(super) strength: f32,
}

/// Where bars go on from: after a way, or at the start, where any tempo is free.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stand {
    pub(super) seconds: f64,
    pub(super) level: Option<i32>,
    pub(super) bar_of_phrase: usize,
    pub(super) had_short_bar: bool,
}

/// The cheapest way over a stretch.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) steps: Vec<BarStep>,
    pub(super) cost: f32,
    pub(super) end: f64,
}

/// Where a stretch of bars has to end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// With the picture, to half a bucket, the last bar whole.
    End(f64),
    /// Somewhere in the bar before this, as is cheapest.
    Around(f64),
}

impl Stand {
    pub(super) const START: Self = Self { seconds: 0.0, level: None, bar_of_phrase: 0, had_short_bar: false };
}

impl Scale {
    pub(super) fn bpm(self, base_bpm: f64, level: i32) -> f64 {
        base_bpm * self.ratio.powi(level)
    }

    /// Levels of tempo that stay inside limits even when the whole is stretched by `slack`.
    pub(super) fn levels(self, base_bpm: f64, range: TempoRange, slack: f64) -> Vec<i32> {
        let inside = |level: &i32| {
            let bpm = self.bpm(base_bpm, *level);
            bpm * (1.0 - slack) >= range.min && bpm * (1.0 + slack) <= range.max
        };
        (-self.most_level..=self.most_level).filter(inside).collect()
    }

    /// Levels as steps of one percent, nearly.
    fn percent(self, levels: usize) -> f32 {
        2.0 * levels as f32 / self.most_step as f32
    }
}

impl Ground<'_> {
    pub(super) fn bar_seconds(&self, step: BarStep) -> f64 {
        let beats = if step.is_short { 2.0 } else { 4.0 };
        beats * 60.0 / self.scale.bpm(self.base_bpm, step.level)
    }

    pub(super) fn after(&self, stand: Stand, step: BarStep) -> Stand {
        let bar_of_phrase = (stand.bar_of_phrase + 1) % self.phrase_bars;
        Stand {
            seconds: stand.seconds + self.bar_seconds(step),
            level: Some(step.level),
            bar_of_phrase,
            had_short_bar: bar_of_phrase != 0 && (stand.had_short_bar || step.is_short),
        }
    }

    /// The cheapest way from a stand to a goal; none where no bars lead there.
    pub(super) fn cheapest(&self, from: Stand, goal: Goal) -> Option<Way> {
        if self.levels.is_empty() {
            return None;
        }
        let mut lattice = Lattice::new(self, from, goal);
        lattice.run();
        lattice.way()
    }
}

#[derive(Clone, Copy)]
struct Node {
    cost: f32,
    /// Since the stand; an hour to a tenth of a millisecond, a stretch has minutes.
    seconds: f32,
    back: u32,
}

const NOWHERE: Node = Node { cost: f32::INFINITY, seconds: 0.0, back: NO_NODE };
/// The start, which is no node.
const NO_NODE: u32 = SHORT_BIT - 1;
const SHORT_BIT: u32 = 1 << 31;

struct Lattice<'a> {
    ground: &'a Ground<'a>,
    from: Stand,
    goal: Goal,
    buckets: usize,
    nodes: Vec<Node>,
    /// Length of a bar at each level.
    whole_bars: Vec<f64>,
    /// First moment that a bar of a bucket can hold.
    first_moments: Vec<usize>,
    /// Cheapest complete way so far: cost, the node that its last bar begins at, that bar's level.
    best: Option<(f32, u32, usize)>,
}

/// What a bar is laid at.
#[derive(Clone, Copy)]
struct At {
    node: u32,
    bucket: usize,
    seconds: f64,
    cost: f32,
    /// None at a start, where any tempo is free.
    level: Option<usize>,
    bar_of_phrase: usize,
    had_short_bar: bool,
}

impl<'a> Lattice<'a> {
    fn new(ground: &'a Ground<'a>, from: Stand, goal: Goal) -> Self {
        let (Goal::End(until) | Goal::Around(until)) = goal;
        let buckets = bucket(until - from.seconds) + 2;
        let whole = |level: &i32| ground.bar_seconds(BarStep { level: *level, is_short: false });
        let earliest = |bucket: usize| {
            let time = from.seconds + (bucket as f64 - 1.0) * BUCKET_SECONDS;
            ground.moments.partition_point(|moment| moment.time < time)
        };
        Self {
            buckets,
            nodes: vec![NOWHERE; buckets * ground.levels.len() * 2 * ground.phrase_bars],
            whole_bars: ground.levels.iter().map(whole).collect(),
            first_moments: (0..buckets).map(earliest).collect(),
            best: None,
            ground,
            from,
            goal,
        }
    }

    /// Nodes of a bucket: level by level, place by place, without and with a short bar.
    fn places(&self) -> usize {
        2 * self.ground.phrase_bars
    }

    fn width(&self) -> usize {
        self.ground.levels.len() * self.places()
    }

    fn run(&mut self) {
        let level = self.from.level.and_then(|level| self.ground.levels.iter().position(|known| *known == level));
        let Stand { bar_of_phrase, had_short_bar, .. } = self.from;
        let start = At { node: NO_NODE, bucket: 0, seconds: 0.0, cost: 0.0, level, bar_of_phrase, had_short_bar };
        self.lay_bars(start);
        let nearby = bucket(NEARBY_SECONDS);
        let mut cheapest = vec![f32::INFINITY; self.buckets];
        for bucket in 1..self.buckets {
            let nodes = bucket * self.width()..(bucket + 1) * self.width();
            cheapest[bucket] = least(self.nodes[nodes].iter().map(|node| node.cost));
            let around = least(cheapest[bucket.saturating_sub(nearby)..=bucket].iter().copied());
            let most = around + self.margin(bucket);
            if cheapest[bucket] <= most {
                self.lay_from(bucket, most);
            }
        }
    }

    /// No way can win back more than what lies ahead.
    fn margin(&self, bucket: usize) -> f32 {
        let moments = self.ground.moments;
        let time = self.from.seconds + bucket as f64 * BUCKET_SECONDS;
        let last = moments.partition_point(|moment| moment.time <= time + AHEAD_SECONDS);
        let ahead = &moments[self.first_moments[bucket].min(last)..last];
        let asked: f32 = ahead.iter().map(|moment| moment.weight).sum();
        let end = match self.goal {
            Goal::End(end) if end - time < AHEAD_SECONDS => END_WEIGHT,
            _ => 0.0,
        };
        (LEAST_MARGIN + self.ground.strength * asked + end).min(self.ground.scale.margin)
    }

    fn lay_from(&mut self, bucket: usize, most: f32) {
        for level in 0..self.ground.levels.len() {
            let first = bucket * self.width() + level * self.places();
            let least = least(self.nodes[first..first + self.places()].iter().map(|node| node.cost));
            let most = most.min(least + PHRASE_MARGIN);
            for place in 0..self.places() {
                let node = self.nodes[first + place];
                if node.cost <= most {
                    self.lay_bars(At {
                        node: (first + place) as u32,
                        bucket,
                        seconds: f64::from(node.seconds),
                        cost: node.cost,
                        level: Some(level),
                        bar_of_phrase: place / 2,
                        had_short_bar: place % 2 == 1,
                    });
                }
            }
        }
    }

    fn lay_bars(&mut self, at: At) {
        let levels = &self.ground.levels;
        let reach = self.ground.scale.most_step;
        let (low, high) = match at.level {
            Some(level) => (level.saturating_sub(reach), (level + reach).min(levels.len() - 1)),
            None => (0, levels.len() - 1),
        };
        for level in low..=high {
            self.lay_bar(at, level, false);
            if !at.had_short_bar {
                self.lay_bar(at, level, true);
            }
        }
    }

    fn lay_bar(&mut self, at: At, level: usize, is_short: bool) {
        let length = self.whole_bars[level] * if is_short { 0.5 } else { 1.0 };
        let end = at.seconds + length;
        let (Goal::End(until) | Goal::Around(until)) = self.goal;
        let left = until - self.from.seconds - end;
        if left < -BUCKET_SECONDS / 2.0 {
            return;
        }
        let cost = at.cost + self.bar_cost(at, level, is_short, length);
        let bar_of_phrase = (at.bar_of_phrase + 1) % self.ground.phrase_bars;
        if self.is_goal(left, level, is_short) {
            let uneven = match (self.goal, bar_of_phrase) {
                (Goal::Around(_), _) | (_, 0) => 0.0,
                (Goal::End(_), bar) if bar.is_multiple_of(SHORT_PHRASE_BARS) => cost::UNEVEN_PHRASE / 2.0,
                _ => cost::UNEVEN_PHRASE,
            };
            if self.best.is_none_or(|best| cost + uneven < best.0) {
                self.best = Some((cost + uneven, at.node, level));
            }
        }
        let had_short_bar = bar_of_phrase != 0 && (at.had_short_bar || is_short);
        let place = level * self.places() + 2 * bar_of_phrase + usize::from(had_short_bar);
        let back = if is_short { at.node | SHORT_BIT } else { at.node };
        let place = bucket(end) * self.width() + place;
        if let Some(node) = self.nodes.get_mut(place).filter(|node| cost < node.cost) {
            *node = Node { cost, seconds: end as f32, back };
        }
    }

    fn bar_cost(&self, at: At, level: usize, is_short: bool, length: f64) -> f32 {
        let ground = self.ground;
        let opens_phrase = at.bar_of_phrase == 0;
        let percent = |levels: usize| ground.scale.percent(levels);
        let change = at.level.map_or(0.0, |before| cost::tempo_change(percent(before.abs_diff(level)), opens_phrase));
        let away = percent(ground.levels[level].unsigned_abs() as usize);
        let moments = &ground.moments[self.first_moments[at.bucket]..];
        let beats = if is_short { 2 } else { 4 };
        let start = self.from.seconds + at.seconds;
        let met = cost::moments_in_bar(moments, start, length, beats, opens_phrase);
        change + cost::bar(is_short, away) + ground.strength * met
    }

    /// The last bar of a piece has four beats.
    fn is_goal(&self, left: f64, level: usize, is_short: bool) -> bool {
        match self.goal {
            Goal::End(_) => !is_short && left <= BUCKET_SECONDS / 2.0,
            Goal::Around(_) => !is_short && left < self.whole_bars[level],
        }
    }

    fn way(&self) -> Option<Way> {
        let (cost, mut node, level) = self.best?;
        let mut steps = vec![BarStep { level: self.ground.levels[level], is_short: false }];
        while node != NO_NODE {
            let back = self.nodes[node as usize].back;
            let level = self.ground.levels[node as usize % self.width() / self.places()];
            steps.push(BarStep { level, is_short: back & SHORT_BIT != 0 });
            node = back & !SHORT_BIT;
        }
        steps.reverse();
        let end = steps.iter().fold(self.from.seconds, |end, step| end + self.ground.bar_seconds(*step));
        Some(Way { steps, cost, end })
    }
}

fn bucket(seconds: f64) -> usize {
    (seconds / BUCKET_SECONDS).round() as usize
}

fn least(costs: impl Iterator<Item = f32>) -> f32 {
    costs.fold(f32::INFINITY, f32::min)
}
