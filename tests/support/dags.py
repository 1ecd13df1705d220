"""Random DAGs of components, as hypothesis draws them."""

from __future__ import annotations

from hypothesis import strategies as st

dags = st.integers(1, 8).flatmap(
    lambda size: st.fixed_dictionaries(
        {
            n: st.sets(st.integers(1, n - 1)).map(sorted) if n > 1 else st.just([])
            for n in range(1, size + 1)
        }
    )
)
