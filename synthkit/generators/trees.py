"""Stand-in until the real backend is written; to be overwritten."""
from pydantic import BaseModel

from synthkit.generators.base import State


class Config(BaseModel):
    model_config = {"extra": "forbid"}

class Trees:
    Config=Config; modalities=frozenset({"table"})
    def __init__(self,c): pass
    def fit(self,batch,layout,run,*,budget_s=None):
        self.b=batch; self.l=layout
    def sample(self,n,rng,given=None):
        m=len(next(iter(self.b.values())))
        i=rng.integers(0,m,n)
        return {k:v[i] for k,v in self.b.items()}
    def state(self): return State({}, dict(self.b))
    @classmethod
    def from_state(cls,c,l,s):
        o=cls(c); o.b=s.arrays;o.l=l; return o
