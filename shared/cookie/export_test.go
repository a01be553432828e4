package cookie

import "context"

// SealText and UnsealText are Set and Get without header and cookie, for benchmarks.

func (s Sealed[T]) SealText(ctx context.Context, v T) (string, error) {
	switch p := any(&v).(type) {
	case *[]byte:
		return seal(ctx, s.sealer.box, *p)
	case *string:
		return seal(ctx, s.sealer.box, *p)
	}
	plain, err := marshal(v)
	if err != nil {
		return "", err
	}
	return seal(ctx, s.sealer.box, plain)
}

func (s Sealed[T]) UnsealText(ctx context.Context, wire string) (T, error) {
	plain, _, err := s.sealer.unseal(ctx, wire)
	if err != nil {
		return *new(T), err
	}
	return unmarshal[T](plain)
}
