package dynamo

// consumed is the capacity that a request would consume ("Capacity unit consumption"),
// but without what writes to indexes take. It is nil if the request does not ask for it.
func (r *request) consumed(units float64) object {
	if r.ReturnConsumedCapacity != "TOTAL" {
		return nil
	}
	return object{"TableName": r.table.Name, "CapacityUnits": units}
}

// reading is the capacity to read so many bytes: half if not consistently.
func (r *request) reading(bytes int) float64 {
	units := float64(max(1, (bytes+4095)/4096))
	if !r.ConsistentRead {
		units /= 2
	}
	return units
}

// writing is the capacity to write so many bytes.
func writing(bytes int) float64 { return float64(max(1, (bytes+1023)/1024)) }
