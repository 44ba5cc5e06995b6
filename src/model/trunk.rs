//! A stack of pre-norm transformer layers with rotary positions, run over whole windows or one token at a time with a cache.

use std::borrow::Borrow;

use tch::{Kind, Tensor, nn};

use super::{
    layers::{Linear, Norm, dropout},
    rotary::{HEAD, Turns},
};

/// Whether a token sees only what came before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    Back,
    Around,
}

pub(super) struct Trunk {
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Norm,
    sight: Sight,
    heads: i64,
}

pub(super) struct Layer {
    pub(super) before_attention: Norm,
    pub(super) inward: Linear,
    pub(super) outward: Linear,
    pub(super) before_widening: Norm,
    pub(super) wide: Linear,
    pub(super) narrow: Linear,
    dropout: f64,
}

/// Keys and values of the tokens so far, for a fixed number of rows. In f32: single queries meet them one by one, and
/// products of a bf16 matrix and a vector are slow.
pub(super) struct Cache {
    /// `[rows, heads, room, HEAD]` a layer.
    keys: Vec<Tensor>,
    values: Vec<Tensor>,
    filled: i64,
    room: i64,
}

impl Trunk {
    pub(super) fn new<'a>(
        path: impl Borrow<nn::Path<'a>>,
        layers: usize,
        width: i64,
        share: f64,
        sight: Sight,
    ) -> Self {
        let path = path.borrow();
        let scale = 1.0 / (2.0 * layers as f64).sqrt();
        let layer = |index: usize| Layer::new(&(path / index), width, scale, share);
        Self {
            layers: (0..layers).map(layer).collect(),
            norm: Norm::new(path / "norm", width),
            sight,
            heads: width / HEAD,
        }
    }

    /// `[batch, tokens, width]` to the same.
    pub(super) fn forward(&self, x: Tensor, turns: &Turns, train: bool) -> Tensor {
        let mut x = x;
        for layer in &self.layers {
            let (query, key, value) = layer.split(&x, turns, self.heads);
            x = layer.join(x, &attend(&query, &key, &value, self.sight == Sight::Back), train);
        }
        self.norm.forward(&x)
    }

    pub(super) fn cache(&self, rows: i64, room: i64, like: &Tensor) -> Cache {
        let empty = || {
            let buffer = |_: &Layer| Tensor::zeros([rows, self.heads, room, HEAD], (Kind::Float, like.device()));
            self.layers.iter().map(buffer).collect()
        };
        Cache { keys: empty(), values: empty(), filled: 0, room }
    }

    /// Tokens that follow those in the cache, which are as many in each row: several only when it is empty.
    pub(super) fn advance(&self, x: Tensor, turns: &Turns, cache: &mut Cache) -> Tensor {
        let new = x.size()[1];
        debug_assert!(cache.filled + new <= cache.room && (new == 1 || cache.filled == 0));
        let advanced = self.through(x, turns, |index, query, key, value| {
            let (keys, values) = cache.append(index, key, value);
            attend(query, &keys, &values, new > 1)
        });
        cache.filled += new;
        advanced
    }

    /// Tokens of rows that remember different numbers of them: `slots` (`[rows, new]`) says where each one is kept, `seen`
    /// (`[rows, 1, new, room]`, bool) which slots it sees. All of the cache is read, so the work has always one shape.
    pub(super) fn advance_at(&self, x: Tensor, turns: &Turns, cache: &Cache, slots: &Tensor, seen: &Tensor) -> Tensor {
        self.through(x, turns, |index, query, key, value| {
            cache.put(index, key, value, slots);
            attend_seen(query, &cache.keys[index], &cache.values[index], seen)
        })
    }

    /// `[rows, new, width]` through all layers; `attend` is given a layer's number, queries (f32), keys and values.
    fn through(
        &self,
        mut x: Tensor,
        turns: &Turns,
        mut attend: impl FnMut(usize, &Tensor, &Tensor, &Tensor) -> Tensor,
    ) -> Tensor {
        for (index, layer) in self.layers.iter().enumerate() {
            let (query, key, value) = layer.split(&x, turns, self.heads);
            let attended = attend(index, &query.to_kind(Kind::Float), &key, &value).to_kind(x.kind());
            x = layer.join(x, &attended, false);
        }
        self.norm.forward(&x)
    }
}

impl Cache {
    pub(super) fn filled(&self) -> i64 {
        self.filled
    }

    /// Forgets all tokens and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }

    pub(super) fn room(&self) -> i64 {
        self.room
    }

    fn append(&self, layer: usize, key: &Tensor, value: &Tensor) -> (Tensor, Tensor) {
        let new = key.size()[2];
        self.keys[layer].narrow(2, self.filled, new).copy_(key);
        self.values[layer].narrow(2, self.filled, new).copy_(value);
        let all = self.filled + new;
        (self.keys[layer].narrow(2, 0, all), self.values[layer].narrow(2, 0, all))
    }

    fn put(&self, layer: usize, key: &Tensor, value: &Tensor, slots: &Tensor) {
        let slots = slots.unsqueeze(1).unsqueeze(-1).expand_as(key);
        for (kept, new) in [(&self.keys, key), (&self.values, value)] {
            let _ = kept[layer].shallow_clone().scatter_(2, &slots, &new.to_kind(Kind::Float));
        }
    }
}

impl Layer {
    fn new(path: &nn::Path, width: i64, scale: f64, share: f64) -> Self {
        Self {
            before_attention: Norm::new(path / "before_attention", width),
            inward: Linear::new(path / "inward", width, 3 * width),
            outward: Linear::scaled(path / "outward", width, width, scale),
            before_widening: Norm::new(path / "before_widening", width),
            wide: Linear::new(path / "wide", width, 4 * width),
            narrow: Linear::scaled(path / "narrow", 4 * width, width, scale),
            dropout: share,
        }
    }

    /// Queries, keys and values, `[batch, heads, tokens, HEAD]`.
    fn split(&self, x: &Tensor, turns: &Turns, heads: i64) -> (Tensor, Tensor, Tensor) {
        let (batch, tokens) = (x.size()[0], x.size()[1]);
        let all = self.inward.forward(&self.before_attention.forward(x)).view([batch, tokens, 3 * heads, HEAD]);
        let turned = turns.turn(&all.narrow(2, 0, 2 * heads));
        let part = |from: &Tensor, start: i64| from.narrow(2, start, heads).transpose(1, 2);
        (part(&turned, 0), part(&turned, heads), part(&all, 2 * heads))
    }

    fn join(&self, x: Tensor, attended: &Tensor, train: bool) -> Tensor {
        let shape = x.size();
        let attended = attended.transpose(1, 2).reshape(shape);
        let x = x + dropout(self.outward.forward(&attended), self.dropout, train);
        let wide = self.wide.forward(&self.before_widening.forward(&x)).gelu("none");
        let narrow = self.narrow.forward(&wide);
        x + dropout(narrow, self.dropout, train)
    }
}

fn attend(query: &Tensor, key: &Tensor, value: &Tensor, causal: bool) -> Tensor {
    Tensor::scaled_dot_product_attention::<Tensor>(query, key, value, None, 0.0, causal, None, false)
}

fn attend_seen(query: &Tensor, key: &Tensor, value: &Tensor, seen: &Tensor) -> Tensor {
    Tensor::scaled_dot_product_attention(query, key, value, Some(seen), 0.0, false, None, false)
}

/// Numbers and steps of tokens that lie `steps` apart, as `Turns` wants them.
pub(super) fn even_turns(tokens: i64, steps: i64, like: &Tensor, kind: Kind) -> Turns {
    let numbers = Tensor::arange(tokens, (Kind::Int64, like.device())).unsqueeze(0);
    Turns::new(&numbers, &(&numbers * steps), kind)
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    const WIDTH: i64 = 128;

    fn trunk() -> Trunk {
        crate::model::testing::alone();
        tch::manual_seed(3);
        let store = nn::VarStore::new(Device::Cpu);
        Trunk::new(store.root(), 3, WIDTH, 0.1, Sight::Back)
    }

    /// Places of tokens that are not evenly apart.
    fn turns(first: i64, tokens: i64) -> Turns {
        let numbers = Tensor::arange_start(first, first + tokens, (Kind::Int64, Device::Cpu)).unsqueeze(0);
        Turns::new(&numbers, &(&numbers * 3 + numbers.remainder(5)), Kind::Float)
    }

    fn apart(one: &Tensor, other: &Tensor) -> f64 {
        (one - other).abs().max().double_value(&[])
    }

    #[test]
    fn the_cache_says_what_the_whole_window_says() {
        tch::no_grad(|| {
            let trunk = trunk();
            let x = Tensor::randn([2, 20, WIDTH], (Kind::Float, Device::Cpu));
            let whole = trunk.forward(x.shallow_clone(), &turns(0, 20), false);
            let mut cache = trunk.cache(2, 20, &x);
            let first = trunk.advance(x.narrow(1, 0, 7), &turns(0, 7), &mut cache);
            let mut parts = vec![first];
            for token in 7..20 {
                parts.push(trunk.advance(x.narrow(1, token, 1), &turns(token, 1), &mut cache));
            }
            assert!(apart(&Tensor::cat(&parts, 1), &whole) < 1e-4);
        });
    }

    #[test]
    fn what_is_kept_anywhere_is_seen_and_what_is_not_seen_changes_nothing() {
        tch::no_grad(|| {
            let trunk = trunk();
            let x = Tensor::randn([1, 9, WIDTH], (Kind::Float, Device::Cpu));
            let whole = trunk.forward(x.shallow_clone(), &turns(0, 9), false);
            let cache = trunk.cache(1, 20, &x);
            let noise = Tensor::randn([1, 6, WIDTH], (Kind::Float, Device::Cpu));
            let at =
                |slots: std::ops::Range<i64>| Tensor::arange_start(slots.start, slots.end, (Kind::Int64, Device::Cpu));
            let seen = |first: i64, tokens: i64| {
                let seen: Vec<bool> = (first..first + tokens)
                    .flat_map(|token| (0..20).map(move |slot| (6..=token).contains(&slot)))
                    .collect();
                Tensor::from_slice(&seen).view([1, 1, tokens, 20])
            };
            let all = Tensor::ones([1, 1, 6, 20], (Kind::Bool, Device::Cpu));
            let _ = trunk.advance_at(noise.shallow_clone(), &turns(0, 6), &cache, &at(0..6).unsqueeze(0), &all);
            let first = trunk.advance_at(x.narrow(1, 0, 5), &turns(0, 5), &cache, &at(6..11).unsqueeze(0), &seen(6, 5));
            let _ = trunk.advance_at(noise, &turns(0, 6), &cache, &at(11..17).unsqueeze(0), &all);
            let last =
                trunk.advance_at(x.narrow(1, 5, 4), &turns(5, 4), &cache, &at(11..15).unsqueeze(0), &seen(11, 4));
            assert!(apart(&Tensor::cat(&[first, last], 1), &whole) < 1e-4);
        });
    }

    #[test]
    fn a_token_does_not_hear_those_after_it() {
        tch::no_grad(|| {
            let trunk = trunk();
            let x = Tensor::randn([1, 9, WIDTH], (Kind::Float, Device::Cpu));
            let whole = trunk.forward(x.shallow_clone(), &turns(0, 9), false);
            let part = trunk.forward(x.narrow(1, 0, 5), &turns(0, 5), false);
            assert!(apart(&whole.narrow(1, 0, 5), &part) < 1e-4);
        });
    }
}
